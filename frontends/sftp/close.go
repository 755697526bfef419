package sftp

import (
	"errors"
	"sync"

	"github.com/tidegate/tidegate/vfs"
)

// closes are the CLOSEs of uploads whose commit has not ended. To the library
// they are done at once; its answer is held back until there is the true one. So
// a slow commit does not hold up the other files of the session, which the
// protocol allows: replies carry the id of their request (draft 02, 3).
type closes struct {
	mu   sync.Mutex
	byID map[uint32]*closing
}

// closing is one CLOSE.
type closing struct {
	id uint32
	// answered is true when the library's answer was held back, reply the true
	// one when that was there first.
	answered bool
	reply    []byte
}

// begin notes a CLOSE, before the library gets it. It returns nil for an id that
// a client uses twice at once: that CLOSE waits in the library.
func (c *closes) begin(id uint32) *closing {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil {
		c.byID = map[uint32]*closing{}
	}
	if c.byID[id] != nil {
		return nil
	}
	one := &closing{id: id}
	c.byID[id] = one
	return one
}

// hold looks at a reply of the library's: it reports whether it must not be sent,
// or replaces it by the true one.
func (c *closes) hold(reply *[]byte) bool {
	if (*reply)[4] != typeStatus || len(*reply) < headBytes+4 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.byID[idOf(*reply)]
	switch {
	case one == nil:
		return false
	case one.reply == nil:
		one.answered = true
		return true
	}
	delete(c.byID, one.id)
	*reply = one.reply
	return false
}

// finish tells what became of a CLOSE, and returns the reply if it is due.
func (c *closes) finish(one *closing, err error) []byte {
	number, text := uint32(0), "OK"
	if err != nil {
		number, text = failure, vfs.KindInternal.Reason()
		if refused, ok := errors.AsType[*statusError](err); ok {
			number, text = refused.number(), refused.text
		}
	}
	reply := statusPacket(one.id, number, text)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !one.answered {
		one.reply = reply
		return nil
	}
	delete(c.byID, one.id)
	return reply
}

// commits are the uploads of a session that are being committed. Requests about
// their paths wait for them, as they would if CLOSE were answered in its turn.
type commits struct {
	mu    sync.Mutex
	ended sync.Cond
	files map[*file]bool
}

func newCommits() *commits {
	c := &commits{files: map[*file]bool{}}
	c.ended.L = &c.mu
	return c
}

func (c *commits) begin(f *file) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files[f] = true
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
	for c.concern(p) {
		c.ended.Wait()
	}
}

func (c *commits) concern(p vfs.Path) bool {
	for f := range c.files {
		_, below := f.path.Cut(p)
		_, above := p.Cut(f.path)
		if below || above {
			return true
		}
	}
	return false
}
