package main

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// client is a session that is logged in.
type client interface {
	put(name string, r io.Reader) error
	get(name string, w io.Writer) error
	list(dir string) (listed, error)
	close()
}

// listed is what a client saw of a listing.
type listed struct {
	entries int
	// first is when the first line was there, all when everything was.
	first, all time.Duration
}

// protocol is a way to speak to a server.
type protocol struct {
	name string
	// frontend is what it speaks to, as the server's log calls it.
	frontend string
	// dial opens a session; from is the address that it comes from, or nil.
	dial func(ctx context.Context, address string, from net.IP) (client, error)
}

// open opens a session with a server.
func (p protocol) open(ctx context.Context, server *process, from net.IP) (client, error) {
	return p.dial(ctx, server.addresses[p.frontend], from)
}

func plainFTP() protocol {
	return protocol{"FTP", ftpFrontend, func(ctx context.Context, address string, from net.IP) (client, error) {
		return dialFTP(ctx, address, ftpclient.Options{Dialer: dialer(from)})
	}}
}

// ftpAs is plain FTP of another user than usual.
func ftpAs(name string) protocol {
	return protocol{"FTP", ftpFrontend, func(ctx context.Context, address string, from net.IP) (client, error) {
		return dialFTPAs(ctx, address, ftpclient.Options{Dialer: dialer(from)}, name)
	}}
}

func explicitFTPS() protocol {
	return protocol{"FTPS", ftpFrontend, func(ctx context.Context, address string, from net.IP) (client, error) {
		return dialFTP(ctx, address, ftpclient.Options{
			Dialer: dialer(from), Security: ftpclient.Explicit,
			TLS: &tls.Config{
				MinVersion: tls.VersionTLS12, ServerName: "localhost",
				InsecureSkipVerify: true, // a new certificate at each start, on loopback
				ClientSessionCache: tls.NewLRUClientSessionCache(0),
			},
		})
	}}
}

func dialer(from net.IP) *net.Dialer {
	d := &net.Dialer{}
	if from != nil {
		d.LocalAddr = &net.TCPAddr{IP: from}
	}
	return d
}

// ftp is a session of FTP or FTPS.
type ftp struct{ *ftpclient.Conn }

func dialFTP(ctx context.Context, address string, o ftpclient.Options) (client, error) {
	return dialFTPAs(ctx, address, o, user)
}

func dialFTPAs(ctx context.Context, address string, o ftpclient.Options, name string) (client, error) {
	o.Timeout = 5 * time.Minute
	c, err := ftpclient.Dial(ctx, address, o)
	if err != nil {
		return nil, err
	}
	if err := c.Login(name, password); err != nil {
		c.Close()
		return nil, err
	}
	return ftp{c}, nil
}

func (c ftp) put(name string, r io.Reader) error { return c.Put(name, r) }

func (c ftp) get(name string, w io.Writer) error {
	_, err := c.Get(name, 0, w)
	return err
}

func (c ftp) list(dir string) (listed, error) {
	lines := newLineCounter()
	t, err := c.Transfer("LIST "+dir, 0)
	if err != nil {
		return listed{}, err
	}
	defer t.Close()
	_, err = io.Copy(lines, t.Retrieve())
	return lines.listed(), err
}

func (c ftp) close() { c.Close() }
