package azblob

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/tidegate/tidegate/internal/memory/buffers"
	"github.com/tidegate/tidegate/internal/memory/chunk"
)

// bareBody passes the block that a request sends to the transport. The SDK wraps the body of
// each attempt only to close it after the last attempt, and a block need not be closed.
type bareBody struct{}

func (bareBody) Do(req *policy.Request) (*http.Response, error) {
	if block, ok := req.Body().(*chunk.Reader); ok {
		req.Raw().Body = block
	}
	return req.Next()
}

// guardedBody is a body whose reader can be cut off from it, and whose last byte a gate
// can hold.
type guardedBody struct {
	gate  *gate           // nil holds nothing
	ended <-chan struct{} // closed when the attempt is cancelled
	gone  chan struct{}   // closed by revoke
	// processor gives the turns in which pieces are sent, nil none.
	processor buffers.Processor

	mu   sync.Mutex
	body io.ReadCloser // nil after revoke
	left int64         // bytes that were not read
	// sender is the connection that sends the body from its memory, nil while none does.
	sender net.Conn
	idle   sync.Cond
}

// newGuardedBody returns the body of an attempt, of size bytes. ctx is that of the attempt;
// it has the gate, where there is one.
func newGuardedBody(ctx context.Context, body io.ReadCloser, size int64, p buffers.Processor) *guardedBody {
	g := &guardedBody{gate: gateOf(ctx), ended: ctx.Done(), gone: make(chan struct{}), body: body, left: size, processor: p}
	g.idle.L = &g.mu
	return g
}

var errRevoked = errors.New("azblob: the attempt is over")

func (g *guardedBody) Read(p []byte) (int, error) {
	most, err := g.allowed(int64(len(p)))
	if err != nil {
		return 0, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.body == nil {
		return 0, errRevoked
	}
	n, err := g.body.Read(p[:most])
	g.left -= int64(n)
	return n, err
}

// allowed returns how many of the next most bytes may be sent now. It waits before the last
// byte of the body, until the gate opens or the attempt is over.
func (g *guardedBody) allowed(most int64) (int64, error) {
	if g.gate.isOpen() {
		return most, nil
	}
	g.mu.Lock()
	left := g.left
	g.mu.Unlock()
	if left > 1 {
		return min(most, left-1), nil
	}
	select {
	case <-g.gate.open:
		return most, nil
	case <-g.ended:
	case <-g.gone:
	}
	return 0, errRevoked
}

func (g *guardedBody) Close() error { return nil }

// inMemory reports whether sendOver can be used.
func (g *guardedBody) inMemory() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, ok := g.body.(*chunk.Reader)
	return ok
}

// sendOver sends the next bytes of the body, up to most. They are encrypted without a copy:
// the processor's caches no longer hold them, so that a copy would take a large part of the
// time that the encryption takes.
func (g *guardedBody) sendOver(c *tlsConn, most int64) (int64, error) {
	var sent int64
	for sent < most {
		part, err := g.allowed(most - sent)
		if err != nil {
			return sent, err
		}
		n, err := g.sendPart(c, part)
		sent += n
		if err != nil || n < part {
			return sent, err
		}
	}
	return sent, nil
}

// sendPart sends the next bytes, up to most, without regard to the gate.
func (g *guardedBody) sendPart(c *tlsConn, most int64) (int64, error) {
	if !g.lend(c.below) {
		return 0, errRevoked
	}
	defer g.returned()
	left := most
	n, err := c.below.SendParts(c.Conn, g.processor, func(most int) []byte {
		part := g.next(min(int64(most), left))
		left -= int64(len(part))
		return part
	})
	if err == nil && n < most && g.revoked() {
		err = errRevoked
	}
	return n, err
}

// lend notes that a connection reads the memory of the body until returned, and reports
// whether it may.
func (g *guardedBody) lend(sender net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.body != nil {
		g.sender = sender
	}
	return g.body != nil
}

func (g *guardedBody) returned() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sender = nil
	g.idle.Broadcast()
}

// next returns the next bytes of the body in memory, none after revoke.
func (g *guardedBody) next(most int64) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	block, ok := g.body.(*chunk.Reader)
	if !ok {
		return nil
	}
	part := block.Next(int(most))
	g.left -= int64(len(part))
	return part
}

func (g *guardedBody) revoked() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.body == nil
}

// revoke cuts the reader off. It ends a write of the body that waits for the service: the
// connection is of no use without the rest.
func (g *guardedBody) revoke() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.body != nil {
		close(g.gone)
	}
	g.body = nil
	if g.sender != nil {
		_ = g.sender.SetWriteDeadline(time.Unix(1, 0)) // a closed connection writes nothing more either
	}
	for g.sender != nil {
		g.idle.Wait()
	}
}
