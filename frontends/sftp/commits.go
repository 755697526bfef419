package sftp

import (
	"slices"
	"sync"

	"github.com/tidegate/tidegate/vfs"
)

// commits are the uploads of a session whose CLOSE or fsync has come and is not
// answered. Requests about their paths wait for them: a client may send CLOSE and
// RENAME without waiting between.
type commits struct {
	mu    sync.Mutex
	ended sync.Cond
	// running are in the order in which they came.
	running []*commit
}

// commit is one CLOSE or fsync.
type commit struct{ path vfs.Path }

func (c *commits) init() { c.ended.L = &c.mu }

func (c *commits) begin(p vfs.Path) *commit {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := &commit{p}
	c.running = append(c.running, one)
	return one
}

func (c *commits) end(one *commit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = slices.DeleteFunc(c.running, func(other *commit) bool { return other == one })
	c.ended.Broadcast()
}

// await returns when nothing at p, above or below it is being committed.
func (c *commits) await(p vfs.Path) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.concern(p, nil) {
		c.ended.Wait()
	}
}

// turn returns when one is the first at its path. nil is of a file that the client
// has not closed, which waits for nothing.
func (c *commits) turn(one *commit) {
	if one == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.concern(one.path, one) {
		c.ended.Wait()
	}
}

// concern reports whether any before last concern p.
func (c *commits) concern(p vfs.Path, last *commit) bool {
	for _, one := range c.running {
		if one == last {
			return false
		}
		_, below := one.path.Cut(p)
		_, above := p.Cut(one.path)
		if below || above {
			return true
		}
	}
	return false
}
