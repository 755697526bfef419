package sftp

import (
	"sync"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
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
	// receiveBytes is how much all connections together may keep that was read
	// and that no upload has taken.
	receiveBytes = 16 << 20
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
// (0 is no bound), and how many are kept that are not in use: 12 MiB in all.
var sizes = [numSizes]struct{ bytes, most, spare int }{
	small: {bytes: smallBytes, spare: 256},
	large: {bytes: largeBytes, most: 64, spare: 16},
	long:  {bytes: longBytes, most: 64, spare: 8},
}

// buffers are those of all channels: each has them while it has work, so that
// idle ones cost nothing. When all of the larger ones are in use there are small
// ones: then thousands of channels work, none of them fast.
type buffers struct {
	mu sync.Mutex
	// free are those that are not in use, and inUse counts the others.
	free  [numSizes][][]byte
	inUse [numSizes]int
}

// get returns nil when as many of the size are in use as may be; it never does for
// a small one.
func (p *buffers) get(s size) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if most := sizes[s].most; most > 0 && p.inUse[s] >= most {
		return nil
	}
	p.inUse[s]++
	last := len(p.free[s]) - 1
	if last < 0 {
		return offheap.Alloc(sizes[s].bytes)
	}
	b := p.free[s][last]
	p.free[s] = p.free[s][:last]
	return b
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
		offheap.Free(b)
		return
	}
	p.free[s] = append(p.free[s], b)
}

// close gives everything back that is not in use.
func (p *buffers) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.free {
		for _, b := range p.free[s] {
			offheap.Free(b)
		}
		p.free[s] = nil
	}
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
