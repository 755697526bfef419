package ftptest

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// client makes a suite's Client of an FTP session.
type client struct{ c *ftpclient.Conn }

var (
	_ frontendtest.Client     = (*client)(nil)
	_ frontendtest.WorkingDir = (*client)(nil)
)

// refusal returns err as the suite knows it: a reply becomes an *Error.
func refusal(err error) error {
	if e, ok := errors.AsType[*ftpclient.ReplyError](err); ok {
		return &frontendtest.Error{Code: e.Reply.Code, Text: e.Reply.Text()}
	}
	return err
}

func (c *client) List(dir string) ([]frontendtest.Entry, error) {
	facts, err := c.c.MLSD(dir)
	if err != nil {
		return nil, refusal(err)
	}
	entries := make([]frontendtest.Entry, 0, len(facts))
	for _, f := range facts {
		if f.Type == "file" || f.Type == "dir" {
			entries = append(entries, entry(f))
		}
	}
	return entries, nil
}

func (c *client) Stat(name string) (frontendtest.Entry, error) {
	f, err := c.c.MLST(name)
	return entry(f), refusal(err)
}

func entry(f ftpclient.Entry) frontendtest.Entry {
	return frontendtest.Entry{Name: f.Name, Dir: f.IsDir(), Size: f.Size, ModTime: f.ModTime}
}

func (c *client) Open(name string, offset int64) (frontendtest.Download, error) {
	t, err := c.c.Transfer("RETR "+name, offset)
	if err != nil {
		return nil, refusal(err)
	}
	return &download{t: t, r: t.Retrieve(), c: c.c}, nil
}

type download struct {
	t     *ftpclient.Transfer
	r     io.Reader
	c     *ftpclient.Conn
	ended bool
}

func (d *download) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	d.ended = d.ended || err != nil
	return n, refusal(err)
}

// Close closes the data connection and reads the final reply, whatever it is: the
// server may have sent all before it noticed.
func (d *download) Close() error {
	if d.ended {
		return nil
	}
	d.ended = true
	d.t.Truncate()
	_, err := d.c.Receive()
	return err
}

func (c *client) Create(name string, o frontendtest.CreateOptions) (frontendtest.Upload, error) {
	verb := "STOR "
	if o.Append {
		verb = "APPE "
	}
	t, err := c.c.Transfer(verb+name, o.Offset)
	if err != nil {
		return nil, refusal(err)
	}
	return &upload{Transfer: t, c: c.c}, nil
}

type upload struct {
	*ftpclient.Transfer
	c *ftpclient.Conn
}

func (u *upload) Finish() error { return refusal(u.Transfer.Finish()) }

func (c *client) Delete(name string) error { return refusal(c.c.Delete(name)) }

func (c *client) Mkdir(name string) error {
	_, err := c.c.Mkdir(name)
	return refusal(err)
}

func (c *client) Rmdir(name string) error { return refusal(c.c.Rmdir(name)) }

func (c *client) Rename(from, to string) error { return refusal(c.c.Rename(from, to)) }

func (c *client) SetModTime(name string, t time.Time) error {
	return refusal(c.c.SetModTime(name, t))
}

func (c *client) Pwd() (string, error) {
	dir, err := c.c.Pwd()
	return dir, refusal(err)
}

func (c *client) Cd(dir string) error { return refusal(c.c.Cd(dir)) }

// AwaitEnd reads what the server says, a 421 at most, until it closes.
func (c *client) AwaitEnd(timeout time.Duration) error {
	end := time.Now().Add(timeout)
	for {
		r, err := c.c.Receive()
		switch {
		case err != nil && time.Now().After(end):
			return fmt.Errorf("the session is still open: %w", err)
		case err != nil:
			return nil
		case r.Code != 421:
			return &frontendtest.Error{Code: r.Code, Text: r.Text()}
		}
	}
}

func (c *client) Quit() error { return refusal(c.c.Quit()) }

func (c *client) Close() { c.c.Close() }
