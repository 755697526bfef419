package azstub

import "math/bits"

// patternPeriod is the length after which the pattern repeats. It is a prime
// near 1 MiB, so that blocks put together in the wrong order read differently.
const patternPeriod = 1<<20 - 3

// Pattern returns the bytes that a discarded blob reads as, one whole period:
// the byte at offset i of any such blob is Pattern()[i % len(Pattern())].
func Pattern() []byte {
	p := make([]byte, patternPeriod)
	x := uint64(0x9E3779B97F4A7C15)
	for i := range p {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		p[i] = byte(bits.RotateLeft64(x, 11))
	}
	return p
}

// content is the immutable body of a blob or block, in pieces. Blobs share pieces; their
// bytes never change.
type content struct {
	pieces []piece
	size   int64
}

// piece is a run of bytes. Without data it is known by its size only and reads
// as the pattern from offset at on.
type piece struct {
	data []byte
	size int64
	at   int64
}

func newContent(data []byte) content {
	if len(data) == 0 {
		return content{}
	}
	return content{pieces: []piece{{data: data, size: int64(len(data))}}, size: int64(len(data))}
}

// sized is a content of n bytes that are not kept.
func sized(n int64) content {
	if n == 0 {
		return content{}
	}
	return content{pieces: []piece{{size: n}}, size: n}
}

// join puts the contents of blocks together.
func join(blocks []block) content {
	var c content
	for _, b := range blocks {
		for _, p := range b.content.pieces {
			p.at = c.size
			c.pieces = append(c.pieces, p)
			c.size += p.size
		}
	}
	return c
}

// slice returns n bytes of c from off on, without copying. The caller has
// checked the bounds.
func (c content) slice(off, n int64) content {
	out := content{size: n}
	for _, p := range c.pieces {
		if n == 0 {
			break
		}
		if off >= p.size {
			off -= p.size
			continue
		}
		m := min(p.size-off, n)
		q := piece{size: m, at: p.at + off}
		if p.data != nil {
			q.data = p.data[off : off+m]
		}
		out.pieces = append(out.pieces, q)
		off, n = 0, n-m
	}
	return out
}

// walk calls fn for consecutive runs of the n bytes from off on, each at most
// limit long. The runs must not be changed or kept. pattern is one period of
// what pieces without data read as.
func (c content) walk(off, n int64, limit int, pattern func() []byte, fn func([]byte) error) error {
	for _, p := range c.slice(off, n).pieces {
		for done := int64(0); done < p.size; {
			var run []byte
			if p.data != nil {
				run = p.data[done:]
			} else {
				run = pattern()[(p.at+done)%patternPeriod:]
				run = run[:min(int64(len(run)), p.size-done)]
			}
			run = run[:min(len(run), limit)]
			if err := fn(run); err != nil {
				return err
			}
			done += int64(len(run))
		}
	}
	return nil
}

// bytes copies the whole content.
func (c content) bytes(pattern func() []byte) []byte {
	out := make([]byte, 0, c.size)
	_ = c.walk(0, c.size, patternPeriod, pattern, func(p []byte) error {
		out = append(out, p...)
		return nil
	})
	return out
}
