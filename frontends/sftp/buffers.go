package sftp

import (
	"sync"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/memory/offheap"
)

const (
	// maxData is what clients put into a READ and a WRITE that know of no limits
	// of ours (draft 02, 6.4), and what our limits allow a WRITE.
	maxData = 32 << 10
	// maxRead is what a READ gets at most, as of OpenSSH's server: clients take
	// packets of 256 KiB.
	maxRead = wire.MaxPacket - 1<<10
	// smallBytes is room for an answer with 32 KiB of data, and for any request
	// but WRITE.
	smallBytes = wire.DataHead + maxData
	// largeBytes is room for several answers, which so fill the packets of SSH, for
	// what is read of a connection at once, and for what a client that writes has on
	// its way: each time that some of it is taken, the SSH library sends a packet
	// that says so.
	largeBytes = 4 * smallBytes
	// longBytes is room for the answer to the longest READ.
	longBytes = wire.DataHead + maxRead
)

// size is one of the sizes of buffers.
type size uint8

const (
	small size = iota
	large
	long

	numSizes
)

// sizes says of each size how long a buffer is, how many may be in use at once
// (0 is no bound), and how many are kept that are not in use: 12 MiB in all. Those
// that have a bound can be done without.
var sizes = [numSizes]struct{ bytes, most, spare int }{
	small: {bytes: smallBytes, spare: 256},
	large: {bytes: largeBytes, most: 64, spare: 16},
	long:  {bytes: longBytes, most: 64, spare: 8},
}

// buffers are those of all channels: each has them while it has work, so that
// idle ones cost nothing. When all of the larger ones are in use, or memory is short,
// there are small ones: then thousands of channels work, none of them fast.
type buffers struct {
	// needed has the small buffers, which a channel cannot work without, extra the
	// others.
	needed, extra *memory.Lease

	mu sync.Mutex
	// free are those that are not in use, and inUse counts the others.
	free  [numSizes][][]byte
	inUse [numSizes]int
}

// open leases from a process's memory. close follows.
func (p *buffers) open(m *memory.Parts) {
	p.needed, p.extra = m.Sessions.Open(), m.Buffers.Open()
}

// get returns nil when as many of the size are in use as may be; it never does for
// a small one.
func (p *buffers) get(s size) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if most := sizes[s].most; most > 0 && p.inUse[s] >= most {
		return nil
	}
	last := len(p.free[s]) - 1
	if last < 0 {
		if !p.lease(s) {
			return nil
		}
		p.inUse[s]++
		return offheap.Alloc(sizes[s].bytes)
	}
	p.inUse[s]++
	b := p.free[s][last]
	p.free[s] = p.free[s][:last]
	return b
}

// lease takes the memory for a buffer, and reports whether there was any.
func (p *buffers) lease(s size) bool {
	if s == small {
		p.needed.Take(smallBytes)
		return true
	}
	return p.extra.TryAcquire(int64(sizes[s].bytes))
}

// drop gives a buffer back for good.
func (p *buffers) drop(s size, b []byte) {
	offheap.Free(b)
	if s == small {
		p.needed.Release(smallBytes)
	} else {
		p.extra.Release(int64(len(b)))
	}
}

// put takes back what get returned. It may not be used any more.
func (p *buffers) put(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := small
	for sizes[s].bytes != len(b) {
		s++
	}
	p.inUse[s]--
	if len(p.free[s]) == sizes[s].spare {
		p.drop(s, b)
		return
	}
	p.free[s] = append(p.free[s], b)
}

// close gives everything back. None of it is in use.
func (p *buffers) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.free {
		for _, b := range p.free[s] {
			p.drop(size(s), b)
		}
		p.free[s] = nil
	}
	p.needed.Close()
	p.extra.Close()
}

// receiveBuffers are those for what clients send.
type receiveBuffers struct{ pool *buffers }

func (b receiveBuffers) Get(bulk bool) []byte {
	if bulk {
		return b.pool.get(large)
	}
	return b.pool.get(small)
}

func (b receiveBuffers) Put(one []byte) { b.pool.put(one) }
