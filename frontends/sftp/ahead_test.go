package sftp

import (
	"bytes"
	"io"
	"net"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/internal/memory"
)

// counted is a connection that has so much to read at once, and counts reads.
type counted struct {
	net.Conn
	content []byte
	reads   int
}

func (c *counted) Read(b []byte) (int, error) {
	c.reads++
	if len(c.content) == 0 {
		return 0, io.EOF
	}
	n := copy(b, c.content)
	c.content = c.content[n:]
	return n, nil
}

// newTestBuffers returns buffers that lease from a memory of their own.
func newTestBuffers() *buffers {
	p := &buffers{}
	p.open(memory.Divide(memory.Default))
	return p
}

// Bytes come in their order, whatever is asked for, in few reads when there are many.
// No buffer is left.
func TestReadAhead(t *testing.T) {
	content := make([]byte, 1<<20)
	for i := range content {
		content[i] = byte(i >> 8)
	}
	tests := []struct {
		name      string
		asks      []int // in turn
		length    int
		room      int // until the socket is full, at each read
		most      int // reads
		exhausted bool
	}{
		{name: "packets of 32 KiB", asks: []int{4096, 28_700}, length: len(content), room: 1 << 20, most: 12},
		{name: "little room", asks: []int{4096, 28_700}, length: len(content), room: 16 << 10, most: 70},
		{name: "no buffers", asks: []int{4096, 28_700}, length: len(content), room: 1 << 20, most: 70, exhausted: true},
		{name: "small packets", asks: []int{4096}, length: 40_960, room: 1 << 20, most: 11},
		{name: "one packet", asks: []int{4096, 28_700}, length: 4096 + 28_700, room: 1 << 20, most: 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pool := newTestBuffers()
			defer pool.close()
			if test.exhausted {
				pool.inUse[large] = sizes[large].most
			}
			before := pool.inUse[large]
			c := &counted{content: content[:test.length]}
			r := readAhead{conn: c, pool: pool}
			var got []byte
			for i := 0; ; i++ {
				b := make([]byte, test.asks[i%len(test.asks)])
				n, came, err := r.take(b), 0, error(nil)
				if n == 0 {
					n, came, err = r.read(b, test.room)
				}
				if came > max(test.room, len(b)) {
					t.Fatalf("%d bytes were read, with room for %d", came, test.room)
				}
				got = append(got, b[:n]...)
				if err == io.EOF {
					break
				}
			}
			if !bytes.Equal(got, content[:test.length]) {
				t.Errorf("%d bytes came, not the %d that were sent", len(got), test.length)
			}
			if c.reads > test.most {
				t.Errorf("%d reads, want %d at most", c.reads, test.most)
			}
			if n := pool.inUse[large]; n != before {
				t.Errorf("%d buffers are in use at the end, want %d", n, before)
			}
		})
	}
}

// After the last packet of a transfer, which is short, a connection that waits has no
// buffer.
func TestIdleReadHasNoBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newTestBuffers()
		defer pool.close()
		raw, other := net.Pipe()
		r := readAhead{conn: raw, pool: pool}
		go func() {
			for _, n := range []int{28_700, 100} {
				_, _ = other.Write(make([]byte, n))
			}
		}()
		for _, want := range []int{28_700, 100} {
			if n, _, err := r.read(make([]byte, 28_700), 1<<20); n != want || err != nil {
				t.Fatalf("%d bytes, %v; want %d", n, err, want)
			}
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _, _ = r.read(make([]byte, 4096), 1<<20)
		}()
		synctest.Wait()
		if n := pool.inUse[large]; n != 0 {
			t.Errorf("a connection that waits has %d buffers", n)
		}
		_ = raw.Close()
		r.close()
		<-ended
		if n := pool.inUse[large]; n != 0 {
			t.Errorf("a closed connection has %d buffers", n)
		}
	})
}

// A connection that is closed while something is read ahead gives its buffer back.
func TestCloseDropsWhatIsReadAhead(t *testing.T) {
	pool := newTestBuffers()
	defer pool.close()
	r := readAhead{conn: &counted{content: make([]byte, 200_000)}, pool: pool}
	for range 2 {
		if _, _, err := r.read(make([]byte, 28_700), 1<<20); err != nil {
			t.Fatal(err)
		}
	}
	if n := pool.inUse[large]; n != 1 {
		t.Fatalf("%d buffers are in use, want one with what was read ahead", n)
	}
	r.close()
	if n := pool.inUse[large]; n != 0 {
		t.Errorf("%d buffers are in use after the end", n)
	}
}
