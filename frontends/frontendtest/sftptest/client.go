package sftptest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"time"

	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// client makes a suite's Client of an SFTP session.
type client struct {
	c     *sftplib.Client
	ssh   *ssh.Client
	raw   net.Conn
	ended chan struct{}
}

var _ frontendtest.Client = (*client)(nil)

// The codes that the library turns into errors of os.
const (
	noSuchFile  = 2
	denied      = 3
	failure     = 4
	unsupported = 8
)

// refusal returns err as the suite knows it: a status becomes an *Error.
func refusal(err error) error {
	var status *sftplib.StatusError
	switch {
	case err == nil || err == io.EOF:
		return err
	case errors.As(err, &status):
		// The library keeps the text to itself, but in its message.
		return &frontendtest.Error{Code: int(status.Code), Text: err.Error()}
	case errors.Is(err, fs.ErrNotExist):
		return &frontendtest.Error{Code: noSuchFile, Text: "no such file or directory"}
	case errors.Is(err, fs.ErrPermission):
		return &frontendtest.Error{Code: denied, Text: "permission denied"}
	}
	return err
}

func (c *client) List(dir string) ([]frontendtest.Entry, error) {
	infos, err := c.c.ReadDir(dir)
	if err != nil {
		return nil, refusal(err)
	}
	entries := make([]frontendtest.Entry, 0, len(infos))
	for _, i := range infos {
		entries = append(entries, entry(i))
	}
	return entries, nil
}

func (c *client) Stat(name string) (frontendtest.Entry, error) {
	i, err := c.c.Stat(name)
	if err != nil {
		return frontendtest.Entry{}, refusal(err)
	}
	return entry(i), nil
}

func entry(i os.FileInfo) frontendtest.Entry {
	e := frontendtest.Entry{Name: i.Name(), Dir: i.IsDir(), Size: i.Size()}
	if t := i.ModTime(); t.Unix() != 0 {
		e.ModTime = t
	}
	return e
}

func (c *client) Open(name string, offset int64) (frontendtest.Download, error) {
	f, err := c.c.Open(name)
	if err != nil {
		return nil, refusal(err)
	}
	// A READ behind the end is the end. Whoever goes on with a download looks
	// at the size first, as OpenSSH's reget does.
	if i, err := f.Stat(); err != nil || offset > i.Size() {
		return nil, errors.Join(refusal(err), f.Close(), &frontendtest.Error{Code: failure, Text: "offset behind the end"})
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &download{f: f}, nil
}

// download closes its handle at the end: nothing else ends a download in SFTP.
type download struct {
	f     *sftplib.File
	ended bool
}

func (d *download) Read(p []byte) (int, error) {
	n, err := d.f.Read(p)
	if err != nil {
		if closing := d.Close(); closing != nil && err == io.EOF {
			err = closing
		}
	}
	return n, refusal(err)
}

func (d *download) Close() error {
	if d.ended {
		return nil
	}
	d.ended = true
	return refusal(d.f.Close())
}

func (c *client) Create(name string, o frontendtest.CreateOptions) (frontendtest.Upload, error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	switch {
	case o.Append:
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	case o.Offset != 0:
		flags = os.O_WRONLY
	}
	f, err := c.c.OpenFile(name, flags)
	if err != nil {
		return nil, refusal(err)
	}
	if _, err := f.Seek(o.Offset, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &upload{File: f, c: c}, nil
}

type upload struct {
	*sftplib.File
	c *client
	// failed is the first refusal, which the final reply repeats.
	failed error
}

func (u *upload) Write(b []byte) (int, error) {
	n, err := u.File.Write(b)
	if err != nil && u.failed == nil {
		u.failed = refusal(err)
	}
	return n, refusal(err)
}

func (u *upload) Finish() error {
	err := refusal(u.Close())
	if u.failed != nil {
		return u.failed
	}
	return err
}

// Delete and Mkdir send their packets themselves: the library's try RMDIR after
// REMOVE, and take a directory that is there for one that was made.

func (c *client) Delete(name string) error { return c.ask(wire.TypeRemove, sftpclient.String(name)) }

func (c *client) Mkdir(name string) error {
	return c.ask(wire.TypeMkdir, append(sftpclient.String(name), sftpclient.Uint32(0)...))
}

// ask sends one request on a channel of its own, and returns its status.
func (c *client) ask(kind wire.Type, body []byte) error {
	t, err := sftpclient.Open(c.ssh)
	if err != nil {
		return err
	}
	defer t.Close()
	r, err := t.Ask(kind, body)
	if err != nil {
		return err
	}
	code, text := r.Status()
	if code != 0 {
		return &frontendtest.Error{Code: int(code), Text: text}
	}
	return nil
}

func (c *client) Rmdir(name string) error { return refusal(c.c.RemoveDirectory(name)) }

func (c *client) Rename(from, to string) error { return refusal(c.c.PosixRename(from, to)) }

func (c *client) SetModTime(name string, t time.Time) error {
	return refusal(c.c.Chtimes(name, t, t))
}

func (c *client) AwaitEnd(timeout time.Duration) error {
	select {
	case <-c.ended:
		return nil
	case <-time.After(timeout):
		return fmt.Errorf("the session is still open after %v", timeout)
	}
}

func (c *client) Quit() error {
	err := c.c.Close()
	return errors.Join(err, c.ssh.Close())
}

func (c *client) Close() {
	_ = c.raw.Close()
	<-c.ended
	_ = c.ssh.Wait()
}
