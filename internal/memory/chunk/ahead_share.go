package chunk

import (
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// sharer is a tenant, a user of it, or a connection of the user, with what its downloads
// have read ahead: a node in the tree of those that hold any. At each level of the tree the
// memory is shared equally: a tenant with two hundred downloads has the share of one
// tenant. Pool.mu guards all sharers.
type sharer struct {
	key    fairshare.Holder // with the fields of its level and of those above
	parent *sharer
	held   int64
	// below are those of the next level, downloads those of a connection.
	below     map[fairshare.Holder]*sharer
	downloads map[*Ahead]struct{}
}

// connection returns the node of a connection below the root s, and makes it when there is
// none.
func (s *sharer) connection(of fairshare.Holder) *sharer {
	n := s
	for _, key := range of.Levels() {
		child := n.below[key]
		if child == nil {
			child = &sharer{key: key, parent: n}
			if n.below == nil {
				n.below = map[fairshare.Holder]*sharer{}
			}
			n.below[key] = child
		}
		n = child
	}
	return n
}

// add counts n bytes more of a download, or fewer, below the root s.
func (s *sharer) add(a *Ahead, n int64) {
	if a.held == 0 {
		a.sharer = s.connection(a.of)
		if a.sharer.downloads == nil {
			a.sharer.downloads = map[*Ahead]struct{}{}
		}
		a.sharer.downloads[a] = struct{}{}
	}
	a.held += n
	for node := a.sharer; node != nil; node = node.parent {
		node.held += n
	}
	if a.held > 0 {
		return
	}
	node := a.sharer
	delete(node.downloads, a)
	for ; node.parent != nil && len(node.downloads)+len(node.below) == 0; node = node.parent {
		delete(node.parent.below, node.key)
	}
	a.sharer = nil
}

// each calls do with the downloads, until it returns false.
func (s *sharer) each(do func(*Ahead) bool) bool {
	for a := range s.downloads {
		if !do(a) {
			return false
		}
	}
	for _, child := range s.below {
		if !child.each(do) {
			return false
		}
	}
	return true
}

// active reports whether the client of any download came for bytes since then.
func (s *sharer) active(since time.Time) bool {
	return !s.each(func(a *Ahead) bool { return !a.moved.Load().After(since) })
}

// most returns the download that holds the most of those that will do, nil when none will.
func (s *sharer) most(will func(*Ahead) bool) (most *Ahead) {
	s.each(func(a *Ahead) bool {
		if (most == nil || a.held > most.held) && will(a) {
			most = a
		}
		return true
	})
	return most
}

// share reports whether a download stays within its equal share of limit with size more bytes.
// Besides a, only downloads whose clients have asked for bytes after since have a share. A
// download that has nothing may have one chunk as long as its connection stays within its share.
// over is nil, or the largest download of another holder that has more than its share; a may have
// a chunk of that download instead.
func (s *sharer) share(a *Ahead, size, limit int64, since time.Time) (within bool, over *Ahead) {
	n := s
	within = true
	for _, key := range a.of.Levels() {
		own, sharers, largest := n.child(key), int64(1), (*sharer)(nil)
		for _, child := range n.children() {
			if child == own {
				continue
			}
			if child.active(since) {
				sharers++
			}
			if largest == nil || child.held > largest.held {
				largest = child
			}
		}
		if limit /= sharers; own.holds()+size > limit {
			within, over = false, nil // unless another one of this holder gives way
		} else if over == nil && largest.holds() > limit {
			over = largest.most(func(*Ahead) bool { return true })
		}
		n = own
	}
	sharers := int64(1)
	for other := range n.members() {
		if other != a && other.moved.Load().After(since) {
			sharers++
		}
	}
	if a.held > 0 && a.held+size > limit/sharers {
		return false, nil
	}
	return within, over
}

// The methods below may be called for nil, which is a holder that has nothing.

func (s *sharer) child(key fairshare.Holder) *sharer { return s.children()[key] }

func (s *sharer) children() map[fairshare.Holder]*sharer {
	if s == nil {
		return nil
	}
	return s.below
}

func (s *sharer) members() map[*Ahead]struct{} {
	if s == nil {
		return nil
	}
	return s.downloads
}

func (s *sharer) holds() int64 {
	if s == nil {
		return 0
	}
	return s.held
}
