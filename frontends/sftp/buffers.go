package sftp

import "sync"

const (
	// smallBytes is room for an answer with as many data as there may be, and for
	// any request but WRITE.
	smallBytes = dataHead + maxData
	// largeBytes is room for several answers, which so fill the packets of SSH,
	// and for what a client that writes has on its way: each time that some of
	// it is taken, the SSH library tells the client so.
	largeBytes = 4 * smallBytes
	// maxLarge is how many large ones there are, and maxSpare how many of both
	// are kept when nobody uses them.
	maxLarge, maxSpare = 64, 16
	// ballastBytes is what the collector of garbage takes for live. The SSH
	// library makes a new slice for each packet that it reads, and a heap of a
	// few MiB, as ours is, would be collected after every few MiB of an upload:
	// that was a sixth of what a byte costs. It is memory that nobody touches,
	// so it takes address space alone; what it costs is as much garbage again.
	ballastBytes = 24 << 20
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
	p.mu.Lock()
	defer p.mu.Unlock()
	return pop(&p.small, smallBytes)
}

// getLarge returns nil when all are in use.
func (p *buffers) getLarge() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inUse == maxLarge {
		return nil
	}
	p.inUse++
	return pop(&p.large, largeBytes)
}

func pop(spare *[][]byte, size int) []byte {
	last := len(*spare) - 1
	if last < 0 {
		return make([]byte, size)
	}
	b := (*spare)[last]
	*spare = (*spare)[:last]
	return b
}

func (p *buffers) put(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	spare := &p.small
	if len(b) == largeBytes {
		spare = &p.large
		p.inUse--
	}
	if len(*spare) < maxSpare {
		*spare = append(*spare, b)
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
