package sftp

import (
	"sync"

	"github.com/tidegate/tidegate/internal/offheap"
)

const (
	// smallBytes is room for an answer with as many data as there may be, and for
	// any request but WRITE.
	smallBytes = dataHead + maxData
	// largeBytes is room for several answers, which so fill the packets of SSH,
	// and for what a client that writes has on its way: each time that some of
	// it is taken, the SSH library tells the client so.
	largeBytes = 4 * smallBytes
	// maxLarge is how many large ones there are. maxSpareLarge and maxSpareSmall
	// are how many are kept when nobody uses them: 10 MiB.
	maxLarge, maxSpareLarge, maxSpareSmall = 64, 16, 256
	// intakeBytes is how much all connections together may keep that was read
	// and that no upload has taken.
	intakeBytes = 64 << 20
	// ballastBytes is what the collector of garbage takes for live. The SSH
	// library makes a new slice for each packet that it reads, and a heap of a
	// few MiB, as ours is, would be collected after every few MiB of an upload:
	// that was a sixth of what a byte costs. It is memory that nobody touches,
	// so it takes address space alone; what it costs is as much garbage again.
	ballastBytes = 20 << 20
)

// buffers are those of all channels: each has them while it has work, so that
// idle ones cost nothing. When all of the large ones are in use there are small
// ones: then thousands of channels work, none of them fast.
type buffers struct {
	mu           sync.Mutex
	small, large [][]byte
	// inUse counts the large ones.
	inUse   int
	ballast []byte
}

func (p *buffers) getSmall() []byte {
	if b := p.spare(&p.small); b != nil {
		return b
	}
	return offheap.Alloc(smallBytes)
}

// getLarge returns nil when all are in use.
func (p *buffers) getLarge() []byte {
	p.mu.Lock()
	full := p.inUse == maxLarge
	if !full {
		p.inUse++
	}
	p.mu.Unlock()
	if full {
		return nil
	}
	if b := p.spare(&p.large); b != nil {
		return b
	}
	return offheap.Alloc(largeBytes)
}

func (p *buffers) spare(all *[][]byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(*all) - 1
	if last < 0 {
		return nil
	}
	b := (*all)[last]
	*all = (*all)[:last]
	return b
}

// put takes back what getSmall or getLarge returned. Nobody may use it any more.
func (p *buffers) put(b []byte) {
	if !p.keep(b) {
		offheap.Free(b)
	}
}

func (p *buffers) keep(b []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	spare, most := &p.small, maxSpareSmall
	if len(b) == largeBytes {
		spare, most = &p.large, maxSpareLarge
		p.inUse--
	}
	if len(*spare) == most {
		return false
	}
	*spare = append(*spare, b)
	return true
}

// close gives everything back that nobody uses.
func (p *buffers) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, all := range []*[][]byte{&p.small, &p.large} {
		for _, b := range *all {
			offheap.Free(b)
		}
		*all = nil
	}
}

// load prepares the heap when much is being written.
func (p *buffers) load() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ballast == nil {
		p.ballast = make([]byte, ballastBytes)
	}
}
