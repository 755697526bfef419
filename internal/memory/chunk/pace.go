package chunk

import "time"

// Pace chooses the size of a transfer's next chunk by how fast its client
// filled the last one: a chunk that is being filled is the one piece of memory
// that nobody can take back, and thousands of slow clients must not hold much of
// it. The zero value begins with a small chunk. It belongs to one goroutine.
type Pace struct {
	class Class
	began time.Time // when the current chunk was taken; zero before the first
}

// In bytes per second: from risingRate on chunks become larger, below
// fallingRate smaller.
const (
	risingRate  = 512 << 10
	fallingRate = 256 << 10
)

// Begin notes that a chunk was taken.
func (p *Pace) Begin() { p.began = time.Now() }

// Full notes that n bytes have come since.
func (p *Pace) Full(n int) {
	took := time.Since(p.began)
	switch {
	case took < perSecond(n, risingRate) && p.class < Large:
		p.class++
	case took > perSecond(n, fallingRate) && p.class > Small:
		p.class--
	}
}

// Class returns the size for the next chunk.
func (p *Pace) Class() Class { return p.class }

// perSecond returns how long n bytes take at a rate.
func perSecond(n, rate int) time.Duration {
	return time.Duration(n) * time.Second / time.Duration(rate)
}
