package fairshare

// levels is the depth of the tree below its root: tenant or address, user,
// connection.
const levels = 3

// node is a holder at one level, or the root. Resource.mu guards all nodes.
type node struct {
	parent   *node
	key      key
	children map[key]*node
	// held and waiting are sums over the subtree.
	held    int64
	waiting int
	// turn is when the node was served last, or when it came if it was not, in
	// steps of Resource.clock.
	turn uint64
	// queue holds the requests that wait here, the first one first. Only leaves have
	// one.
	queue  []*Pending
	holder Holder // of a leaf
}

// leaf returns the holder's node, and makes it when there is none.
func (r *Resource) leaf(h Holder) *node {
	n := &r.root
	for _, k := range h.path() {
		child := n.children[k]
		if child == nil {
			r.clock++
			child = &node{parent: n, key: k, turn: r.clock}
			if n.children == nil {
				n.children = map[key]*node{}
			}
			n.children[k] = child
		}
		n = child
	}
	n.holder = h
	return n
}

// add changes the sums of a leaf and of everything above it, and removes nodes that
// hold nothing and wait for nothing.
func (n *node) add(held int64, waiting int) {
	for ; n != nil; n = n.parent {
		n.held += held
		n.waiting += waiting
		if n.held == 0 && n.waiting == 0 && n.parent != nil {
			delete(n.parent.children, n.key)
		}
	}
}

// within reports whether n more units stay within the limits of the holder and of
// everything above it. At each level the limit is seven eighths, rounded up, of what
// the siblings leave of the limit above, and at the root the capacity.
func (r *Resource) within(h Holder, n int64) bool {
	limit, parent := r.capacity, &r.root
	if r.root.held+n > limit {
		return false
	}
	if h == (Holder{}) {
		return true
	}
	for _, k := range h.path() {
		held, siblings := int64(0), int64(0)
		if parent != nil {
			siblings = parent.held
			if parent = parent.children[k]; parent != nil {
				held = parent.held
				siblings -= held
			}
		}
		limit -= siblings
		if k != (key{}) {
			limit -= limit / reserve
		}
		if held+n > limit {
			return false
		}
	}
	return true
}

// reserve is the part of what is left that a holder may not have, as a divisor.
const reserve = 8

// least returns the request that is to be served next, nil when none waits: the first
// one of the holder that has the least at each level, and among equals of the one whose
// turn is longest ago.
func (r *Resource) least() *Pending {
	if r.root.waiting == 0 {
		if len(r.last) == 0 {
			return nil
		}
		return r.last[0]
	}
	return r.root.least((*node).waits)
}

func (n *node) waits() bool { return n.waiting > 0 }

// leastOfNew is least among the users that have nothing, nil when none of them waits.
func (r *Resource) leastOfNew() *Pending {
	isNew := func(user *node) bool { return user.waits() && user.held == 0 }
	return r.root.least(func(n *node) bool {
		switch &r.root {
		case n.parent:
			for _, user := range n.children {
				if isNew(user) {
					return true
				}
			}
			return false
		case n.parent.parent:
			return isNew(n)
		}
		return n.waits()
	})
}

// least goes down to a leaf, through nodes that may be chosen.
func (n *node) least(may func(*node) bool) *Pending {
	for len(n.queue) == 0 {
		var next *node
		for _, child := range n.children {
			if may(child) && (next == nil || child.before(next)) {
				next = child
			}
		}
		if n = next; n == nil {
			return nil
		}
	}
	return n.queue[0]
}

func (n *node) before(other *node) bool {
	return n.held < other.held || n.held == other.held && n.turn < other.turn
}

// served notes that a leaf and everything above it had their turn.
func (r *Resource) served(leaf *node) {
	r.clock++
	for n := leaf; n != nil; n = n.parent {
		n.turn = r.clock
	}
}

// leaves calls do with each leaf.
func (n *node) leaves(do func(*node)) {
	if len(n.children) == 0 && n.parent != nil {
		do(n)
	}
	for _, child := range n.children {
		child.leaves(do)
	}
}
