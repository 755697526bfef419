package chunk

import (
	"errors"
	"io"
)

// Class is a size of chunks.
type Class uint8

const (
	// Small is for the first bytes of a transfer, and for slow clients: most
	// files of many clients are small.
	Small Class = iota
	// Medium is for what comes next.
	Medium
	// Large is for the rest.
	Large

	numClasses
)

// The sizes of chunks in bytes. With a budget below 16 MiB the larger chunks are
// no more than a 64th of it, and never below the small ones.
const (
	SmallSize  = 16 << 10
	MediumSize = 64 << 10
	LargeSize  = 256 << 10
)

// Chunk is a piece of memory that is filled from its start.
type Chunk struct {
	buf   []byte
	n     int
	class Class
	pool  *Pool // keeps the memory, which the garbage collector does not see
}

// Free returns the memory that is not filled yet.
func (c *Chunk) Free() []byte { return c.buf[c.n:] }

// Filled says that the next n bytes of Free hold data now.
func (c *Chunk) Filled(n int) { c.n += n }

// Bytes returns the memory that is filled.
func (c *Chunk) Bytes() []byte { return c.buf[:c.n] }

// Len returns the number of bytes that are filled.
func (c *Chunk) Len() int { return c.n }

// Block is a list of chunks that belong together. Use Account.NewBlock.
type Block struct {
	account *Account
	chunks  []*Chunk
	size    int64 // bytes filled
	memory  int64 // bytes of memory
	sent    bool
}

// Size returns the number of bytes in the block.
func (b *Block) Size() int64 { return b.size }

// Append takes the chunk over. It must not be filled further.
func (b *Block) Append(c *Chunk) {
	b.chunks = append(b.chunks, c)
	b.size += int64(c.n)
	b.memory += int64(len(c.buf))
	b.account.pool.grow(b.account, int64(len(c.buf)))
}

// Send says that the block is complete and on its way: its memory comes back
// without any help of the client. Append must not be called any more.
func (b *Block) Send() {
	b.sent = true
	b.account.pool.send(b.account, b.memory)
}

// Release gives all memory back. Nobody may read the block any more. A second
// Release does nothing.
func (b *Block) Release() {
	chunks := b.chunks
	memory := b.memory
	b.chunks, b.size, b.memory = nil, 0, 0
	b.account.pool.release(b.account, chunks, memory, b.sent)
}

// Reader reads the block from its start. Several Readers do not disturb each
// other.
func (b *Block) Reader() *Reader { return &Reader{block: b} }

// Reader is an io.ReadSeekCloser over a Block. Close does nothing.
type Reader struct {
	block *Block
	pos   int64 // from the start of the block
	chunk int   // the chunk that holds pos
	start int64 // where that chunk starts
}

var _ io.ReadSeekCloser = (*Reader)(nil)

func (r *Reader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		next := r.Next(len(p) - n)
		if next == nil {
			break
		}
		n += copy(p[n:], next)
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Next returns the next bytes, up to most, in the memory of the block, nil at its end.
// They may be read until the block is released.
func (r *Reader) Next(most int) []byte {
	for most > 0 && r.chunk < len(r.block.chunks) {
		c := r.block.chunks[r.chunk]
		p := c.buf[r.pos-r.start : c.n]
		if len(p) > most {
			p = p[:most]
		} else {
			r.start += int64(c.n)
			r.chunk++
		}
		if r.pos += int64(len(p)); len(p) > 0 {
			return p
		}
	}
	return nil
}

var errSeek = errors.New("chunk: position is outside of the block")

// Seek moves to any position from the start to the end of the block.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.pos
	case io.SeekEnd:
		offset += r.block.size
	}
	if offset < 0 || offset > r.block.size {
		return r.pos, errSeek
	}
	r.pos, r.start, r.chunk = offset, 0, 0
	for r.chunk < len(r.block.chunks) {
		n := int64(r.block.chunks[r.chunk].n)
		if r.start+n > offset {
			break
		}
		r.start += n
		r.chunk++
	}
	return offset, nil
}

// Close does nothing: the memory belongs to the block.
func (r *Reader) Close() error { return nil }
