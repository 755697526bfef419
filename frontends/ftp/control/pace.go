package control

import (
	"slices"
	"sync"
	"time"
)

// pace measures how fast a client answers: the times from a reply to the next command, for the
// last few commands. If a client answers fast, its machine is not busy, and its system also
// closes the connections of a killed client fast. The methods may be called concurrently.
type pace struct {
	mu      sync.Mutex
	replied time.Time
	took    [4]time.Duration
	n       int
}

// reply notes that a reply was sent.
func (p *pace) reply() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.replied = time.Now()
}

// command notes that a command has come. One that was sent ahead measures nothing.
func (p *pace) command() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.replied.IsZero() {
		return
	}
	p.took[p.n%len(p.took)] = time.Since(p.replied)
	p.n++
	p.replied = time.Time{}
}

// slowest is the longest of the last answers; known is false before there are enough.
func (p *pace) slowest() (took time.Duration, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Max(p.took[:]), p.n >= len(p.took)
}
