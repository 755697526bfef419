package azblob

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"time"

	"github.com/tidegate/tidegate/internal/memory/buffers"
)

const (
	handshakeTimeout = 15 * time.Second
	// maxBuffers bounds the buffers for many records at once, to 16 MiB.
	maxBuffers = 128
)

// tlsDialer opens connections to the service without a proxy.
type tlsDialer struct {
	dialer  *net.Dialer
	config  *tls.Config
	buffers *buffers.Buffers
}

func (d *tlsDialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	raw, err := d.dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	config := d.config.Clone()
	config.ServerName = host
	config.NextProtos = []string{"http/1.1"}
	below := buffers.Under(raw, d.buffers)
	c := &tlsConn{tls.Client(below, config), below}
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	if err := c.HandshakeContext(ctx); err != nil {
		_ = below.Close()
		return nil, err
	}
	return c, nil
}

// tlsConn is a connection to the service. net/http passes the body of a request to
// ReadFrom.
type tlsConn struct {
	*tls.Conn
	below *buffers.Conn
}

var _ io.ReaderFrom = (*tlsConn)(nil)

// ReadFrom sends what r has. net/http bounds the body of a request by its length, as it
// does for files that the system is to send.
func (c *tlsConn) ReadFrom(r io.Reader) (int64, error) {
	if bounded, ok := r.(*io.LimitedReader); ok {
		if body, ok := bounded.R.(*guardedBody); ok && body.inMemory() {
			n, err := body.sendOver(c, bounded.N)
			bounded.N -= n
			return n, err
		}
	}
	return io.Copy(struct{ io.Writer }{c.Conn}, r)
}
