package ledger

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"syscall"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// ftpClient is a client of FTP.
type ftpClient struct {
	*ftpclient.Conn
	raw syscall.RawConn // of the control connection
}

func (g *gateway) dialFTP(ctx context.Context, n *generation, p protocol, user string, local net.Addr) (client, error) {
	c := &ftpClient{}
	o := ftpclient.Options{Timeout: patience.Limit(), Dialer: &net.Dialer{LocalAddr: local}}
	o.Dialer.Control = func(_, _ string, raw syscall.RawConn) error {
		if c.raw == nil {
			c.raw = raw
		}
		return nil
	}
	if p == overTLS {
		o.Security = ftpclient.Explicit
		o.TLS = g.client.Clone()
		o.TLS.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	}
	var err error
	if c.Conn, err = ftpclient.Dial(ctx, n.ftp, o); err != nil {
		return nil, err
	}
	if err := c.Login(user, password); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *ftpClient) local() net.Addr { return c.LocalAddr() }

func (c *ftpClient) fetch(name string) ([]byte, error) {
	var b bytes.Buffer
	_, err := c.Get(name, 0, &b)
	return b.Bytes(), err
}

func (c *ftpClient) list() ([]string, error) { return c.NLST("") }

func ftpResult(code int, err error) result {
	return result{receipt: code == 226, code: code, err: err}
}

func resultOf(err error) result {
	if err == nil {
		return ftpResult(226, nil)
	}
	return ftpResult(ftpclient.CodeOf(err), err)
}

func (c *ftpClient) attempt(p *plan, fresh []byte, old ledger.Content) (v result, begun bool, close func()) {
	a := &attempt{c: c, style: p.style}
	close = func() {}
	if p.announced {
		if _, err := c.Do(fmt.Sprintf("ALLO %d", p.size), 200, 202); err != nil {
			return resultOf(err), false, close
		}
	}
	command, offset := "STOR "+p.name, int64(0)
	switch p.opening {
	case appending:
		command = "APPE " + p.name
	case resuming:
		offset = int64(old.Size)
	}
	if p.ending.unconnected {
		if _, err := c.ExtendedPassive(); err != nil {
			return none(err), false, close
		}
		if _, err := c.Do(command, 150); err != nil {
			return none(err), false, close
		}
		return p.ending.do(a), false, close
	}
	var err error
	if a.t, err = c.Transfer(command, offset); err != nil {
		return resultOf(err), false, close
	}
	close = a.t.Close
	for piece := range slices.Chunk(fresh, p.pieces) {
		if _, err := a.t.Write(piece); err != nil {
			// The server aborted the upload, and the reply says why.
			a.t.Truncate()
			return resultOf(a.t.Result()), true, close
		}
	}
	return p.ending.do(a), true, close
}
