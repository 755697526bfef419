package azblob

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/tidegate/tidegate/internal/memory/chunk"
)

// bareBody lets the transport see the block that a request sends. The SDK wraps it for
// each attempt, to close it after the last one, which means nothing to a block.
type bareBody struct{}

func (bareBody) Do(req *policy.Request) (*http.Response, error) {
	if block, ok := req.Body().(*chunk.Reader); ok {
		req.Raw().Body = block
	}
	return req.Next()
}

// guardedBody is a body whose reader can be cut off from it.
type guardedBody struct {
	mu   sync.Mutex
	body io.ReadCloser // nil after revoke
	// over is the connection that sends the body from its memory, nil while none does.
	over net.Conn
	idle sync.Cond
}

func newGuardedBody(body io.ReadCloser) *guardedBody {
	g := &guardedBody{body: body}
	g.idle.L = &g.mu
	return g
}

var errRevoked = errors.New("azblob: the attempt is over")

func (g *guardedBody) Read(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.body == nil {
		return 0, errRevoked
	}
	return g.body.Read(p)
}

func (g *guardedBody) Close() error { return nil }

// inMemory reports whether sendOver can be used.
func (g *guardedBody) inMemory() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, ok := g.body.(*chunk.Reader)
	return ok
}

// sendOver sends the next bytes of the body, up to most. They are encrypted where they
// are: a copy costs as much as a good part of the encryption, as the caches do not hold
// them any more.
func (g *guardedBody) sendOver(c *tlsConn, most int64) (int64, error) {
	if !g.lend(c.below) {
		return 0, errRevoked
	}
	defer g.returned()
	left := most
	n, err := c.below.SendParts(c.Conn, func(most int) []byte {
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
func (g *guardedBody) lend(over net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.body != nil {
		g.over = over
	}
	return g.body != nil
}

func (g *guardedBody) returned() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = nil
	g.idle.Broadcast()
}

// next returns the next bytes of the body in memory, none after revoke.
func (g *guardedBody) next(most int64) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	if block, ok := g.body.(*chunk.Reader); ok {
		return block.Next(int(most))
	}
	return nil
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
	g.body = nil
	if g.over != nil {
		_ = g.over.SetWriteDeadline(time.Unix(1, 0)) // a closed connection writes nothing more either
	}
	for g.over != nil {
		g.idle.Wait()
	}
}
