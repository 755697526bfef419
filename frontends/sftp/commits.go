package sftp

import (
	"math"
	"sync"

	"github.com/tidegate/tidegate/vfs"
)

// commits are the uploads of a session whose CLOSE has come and is not answered.
// Requests about their paths wait for them: a client may send CLOSE and RENAME
// without waiting between.
type commits struct {
	mu    sync.Mutex
	ended sync.Cond
	count uint64
	// files have the number of their CLOSE.
	files map[*file]uint64
}

func (c *commits) init() {
	c.files = map[*file]uint64{}
	c.ended.L = &c.mu
}

func (c *commits) begin(f *file) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	c.files[f] = c.count
}

func (c *commits) end(f *file) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.files, f)
	c.ended.Broadcast()
}

// await returns when nothing at p, above or below it is being committed.
func (c *commits) await(p vfs.Path) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awaitBefore(p, math.MaxUint64)
}

// turn returns when f is the first that is being committed at its path.
func (c *commits) turn(f *file) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awaitBefore(f.path, c.files[f])
}

func (c *commits) awaitBefore(p vfs.Path, number uint64) {
	for c.concern(p, number) {
		c.ended.Wait()
	}
}

func (c *commits) concern(p vfs.Path, number uint64) bool {
	for f, n := range c.files {
		_, below := f.path.Cut(p)
		_, above := p.Cut(f.path)
		if n < number && (below || above) {
			return true
		}
	}
	return false
}
