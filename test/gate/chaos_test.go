package gate

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// faultyDir holds the files of the faulty clients. A file there may only have the content of its
// own client.
const faultyDir = "/faulty/"

func faultyContent(path string) []byte { return []byte(strings.Repeat("faulty "+path+"\n", 100)) }

// fault is what a faulty client does once, in a session of its own, which is closed
// afterwards.
type fault func(context.Context, *faultyClient, *ftpclient.Conn) error

// faultyClient is a client that does not keep to the protocol.
type faultyClient struct {
	*site
	id   int
	acts int
	act  fault
	// faults is the count of all faulty clients of the row.
	faults *atomic.Int64
	// files numbers what it stores.
	files int
}

// run acts. The replies to a faulty client do not matter; faults counts its successes.
func (r *faultyClient) run(ctx context.Context) error {
	for range r.acts {
		c, err := r.login(ctx, ftpclient.Options{})
		if err != nil {
			return err
		}
		if err = r.act(ctx, r, c); err == nil {
			r.faults.Add(1)
		}
		c.Close()
	}
	return nil
}

func (r *faultyClient) path() string {
	r.files++
	return fmt.Sprintf("%sclient%d-%d", faultyDir, r.id, r.files)
}

// vanish closes the control connection while it has a port reservation.
func vanish(_ context.Context, r *faultyClient, c *ftpclient.Conn) error {
	if _, err := c.ExtendedPassive(); err != nil {
		return err
	}
	if r.files++; r.files%2 == 0 {
		c.Reset()
	}
	return nil
}

// repeat asks for a port twice or thrice and then uses it.
func repeat(_ context.Context, r *faultyClient, c *ftpclient.Conn) error {
	for range 1 + r.files%2 {
		if _, err := c.ExtendedPassive(); err != nil {
			return err
		}
	}
	return r.put(c)
}

func (r *faultyClient) put(c *ftpclient.Conn) error {
	path := r.path()
	return c.Put(path, strings.NewReader(string(faultyContent(path))))
}

// changeItsMind connects, asks for another port and uses that, as curl does.
func changeItsMind(_ context.Context, r *faultyClient, c *ftpclient.Conn) error {
	addr, err := c.ExtendedPassive()
	if err != nil {
		return err
	}
	data, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer data.Close()
	return r.put(c)
}

// neverConnect waits for the final reply to an upload without a data connection.
func neverConnect(_ context.Context, r *faultyClient, c *ftpclient.Conn) error {
	if _, err := c.ExtendedPassive(); err != nil {
		return err
	}
	if _, err := c.Do("STOR "+r.path(), 150); err != nil {
		return err
	}
	return wantReply(c, 425)
}

func wantReply(c *ftpclient.Conn, code int) error {
	got, err := c.Receive()
	if err == nil && got.Code != code {
		err = fmt.Errorf("reply is %v, want %d", got, code)
	}
	return err
}

// connectLate connects when its port is available to others again.
func connectLate(quarantine time.Duration) func(context.Context, *faultyClient, *ftpclient.Conn) error {
	return func(ctx context.Context, r *faultyClient, c *ftpclient.Conn) error {
		addr, err := c.ExtendedPassive()
		if err != nil {
			return err
		}
		path := r.path()
		if _, err := c.Do("STOR "+path, 150); err != nil {
			return err
		}
		if err := wantReply(c, 425); err != nil {
			return err
		}
		// There is no event to wait for: the time has to pass.
		late := time.NewTimer(quarantine + quarantine/10)
		defer late.Stop()
		select {
		case <-late.C:
		case <-ctx.Done():
		}
		data, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		defer data.Close()
		if r.security != ftpclient.Plain {
			secured := tls.Client(data, &tls.Config{InsecureSkipVerify: true, ServerName: "localhost"})
			defer secured.Close()
			data = secured
		}
		_, _ = data.Write(faultyContent(path))
		return nil
	}
}

// connectTwice leaves a second connection silent while it uses the first.
func connectTwice(_ context.Context, r *faultyClient, c *ftpclient.Conn) error {
	path := r.path()
	tr, err := c.Transfer("STOR "+path, 0)
	if err != nil {
		return err
	}
	defer tr.Close()
	second, err := net.Dial("tcp", tr.DataConn().RemoteAddr().String())
	if err != nil {
		return err
	}
	defer second.Close()
	// It has connected twice: the replies do not matter.
	_, _ = tr.Write(faultyContent(path))
	_ = tr.Finish()
	return nil
}

// connectAndClose sends nothing on a data connection that it had asked for.
func connectAndClose(_ context.Context, r *faultyClient, c *ftpclient.Conn) error {
	addr, err := c.ExtendedPassive()
	if err != nil {
		return err
	}
	data, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	data.Close()
	if r.files++; r.files%2 == 0 {
		return nil
	}
	_, err = c.Do("NOOP", 200)
	return err
}

// steal connects from an address to the passive port as soon as the last
// connection is closed, and sends bytes, in turn in clear and over TLS. It
// remembers every ticket that it is given.
func steal(from net.IP, addr string, times int) func(context.Context) error {
	return func(ctx context.Context) error {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
		cache := tls.NewLRUClientSessionCache(8)
		for i := range times {
			data, err := dialer.DialContext(ctx, "tcp", addr)
			if err != nil {
				return err
			}
			_ = data.SetDeadline(time.Now().Add(patience.Limit()))
			raw := data
			if i%4 > 0 {
				data = tls.Client(raw, &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", ClientSessionCache: cache})
			}
			_, _ = io.WriteString(data, "stolen")
			_, _ = io.Copy(io.Discard, data)
			raw.Close()
		}
		return nil
	}
}
