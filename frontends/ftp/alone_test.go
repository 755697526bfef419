package ftp_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	ftpserver "github.com/fclairamb/ftpserverlib"
	"github.com/spf13/afero"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

// alone is the library without us, over a file system in memory that has
// /dir/file with the content "content".
type alone struct {
	fs       afero.Fs
	listener net.Listener
	tls      *tls.Config
}

func (a *alone) GetSettings() (*ftpserver.Settings, error) {
	return &ftpserver.Settings{
		Listener: a.listener, EnableHASH: true, ConnectionTimeout: 5, DefaultTransferType: ftpserver.TransferTypeBinary,
		ActiveTransferPortNon20: true,
	}, nil
}
func (a *alone) ClientConnected(ftpserver.ClientContext) (string, error) { return "alone", nil }
func (a *alone) ClientDisconnected(ftpserver.ClientContext)              {}
func (a *alone) GetTLSConfig() (*tls.Config, error)                      { return a.tls, nil }
func (a *alone) AuthUser(ftpserver.ClientContext, string, string) (ftpserver.ClientDriver, error) {
	return a.fs, nil
}

// startAlone returns the address of the library.
func startAlone(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ftp.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	a := &alone{fs: afero.NewMemMapFs(), listener: listener, tls: certificate}
	if err := a.fs.MkdirAll("/dir", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := afero.WriteFile(a.fs, "/dir/file", []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
	lib := ftpserver.NewFtpServer(a)
	lib.Logger = slog.New(slog.DiscardHandler)
	if err := lib.Listen(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = lib.Serve() })
	t.Cleanup(func() {
		_ = lib.Stop()
		wg.Wait()
	})
	return listener.Addr().String()
}

func dialAlone(t *testing.T, addr string) *ftpclient.Conn {
	t.Helper()
	c, err := ftpclient.Dial(t.Context(), addr, ftpclient.Options{TLS: &tls.Config{InsecureSkipVerify: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Login("u", "p"); err != nil {
		t.Fatal(err)
	}
	return c
}

// startTogether is our server with the same files.
func startTogether(t *testing.T) *gateway {
	t.Helper()
	b := memory.New()
	w, err := b.Create(t.Context(), vfs.MustParse("/dir/file"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("content")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(context.Background(), vfs.CommitOptions{}); err != nil {
		t.Fatal(err)
	}
	return start(t, b, nil)
}

// probe observes one thing about a server. It ends as "CODE text" or as what it
// says.
type probe func(t *testing.T, c *ftpclient.Conn) string

// lines is the probe that sends lines, and observes the last answer.
func lines(script ...string) probe {
	return func(t *testing.T, c *ftpclient.Conn) string {
		t.Helper()
		var r ftpclient.Reply
		for _, line := range script {
			var err error
			if r, err = c.Cmd(line); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		return strconv.Itoa(r.Code) + " " + strings.Join(r.Lines, "\n")
	}
}

// first is the probe that sends lines at once behind an EPSV whose port is not
// used, and observes the code of the first answer.
func first(script ...string) probe {
	return func(t *testing.T, c *ftpclient.Conn) string {
		t.Helper()
		if _, err := c.Do("EPSV", 229); err != nil {
			t.Fatal(err)
		}
		for _, line := range script {
			if err := c.Send(line); err != nil {
				t.Fatal(err)
			}
		}
		r, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		return strconv.Itoa(r.Code)
	}
}
