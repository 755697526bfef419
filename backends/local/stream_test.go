package local_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"testing/iotest"

	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/vfs"
)

// sockets returns both ends of a TCP connection, so that the kernel can move bytes between
// it and files.
func sockets(t *testing.T) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	a, err = net.Dial("tcp", l.Addr().String())
	must(t, err)
	t.Cleanup(func() { _ = a.Close() })
	b, err = l.Accept()
	must(t, err)
	t.Cleanup(func() { _ = b.Close() })
	return a, b
}

// TestStreamsThroughSockets sends a file that is longer than one stride from a
// socket to the disk and back.
func TestStreamsThroughSockets(t *testing.T) {
	b := open(t, t.TempDir(), local.Options{})
	content := make([]byte, 9<<20+1)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content)

	client, server := sockets(t)
	go func() {
		_, _ = client.Write(content)
		_ = client.Close()
	}()
	w, err := b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{})
	must(t, err)
	defer w.Abort()
	if n, err := w.(io.ReaderFrom).ReadFrom(server); err != nil || n != int64(len(content)) {
		t.Fatalf("ReadFrom = %d, %v, want %d", n, err, len(content))
	}
	_, err = w.Commit(t.Context(), vfs.CommitOptions{})
	must(t, err)

	receiver, sender := sockets(t)
	r, err := b.Open(t.Context(), vfs.MustParse("/file"), vfs.OpenOptions{Offset: 1})
	must(t, err)
	defer func() { _ = r.Close() }()
	sent := make(chan error, 1)
	go func() {
		_, err := r.(io.WriterTo).WriteTo(sender)
		sent <- errors.Join(err, sender.Close())
	}()
	got, err := io.ReadAll(receiver)
	must(t, err)
	must(t, <-sent)
	if !bytes.Equal(got, content[1:]) {
		t.Errorf("%d bytes came back, want %d of equal content", len(got), len(content)-1)
	}
}

// TestSourceErrorsAreTheSources: an error of the source is not taken for one of the store,
// and the partial content cannot be committed.
func TestSourceErrorsAreTheSources(t *testing.T) {
	b := open(t, t.TempDir(), local.Options{})
	must(t, put(t.Context(), b, "/file", vfs.CreateOptions{}, "old"))
	errSource := errors.New("the client is gone")
	w, err := b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{})
	must(t, err)
	defer w.Abort()
	half := io.MultiReader(bytes.NewReader([]byte("half")), iotest.ErrReader(errSource))
	if n, err := w.(io.ReaderFrom).ReadFrom(half); err != errSource || n != 4 {
		t.Errorf("ReadFrom = %d, %v, want 4 and the error of the source itself", n, err)
	}
	if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err == nil {
		t.Error("half a file was committed")
	}
	r, err := b.Open(t.Context(), vfs.MustParse("/file"), vfs.OpenOptions{})
	must(t, err)
	defer func() { _ = r.Close() }()
	pr, pw := io.Pipe()
	must(t, pr.CloseWithError(errSource))
	if _, err := r.(io.WriterTo).WriteTo(pw); err != errSource {
		t.Errorf("WriteTo = %v, want the error of the receiver itself", err)
	}
	if got, err := get(t.Context(), b, "/file"); got != "old" {
		t.Errorf("the file holds %q, %v", got, err)
	}
}

// TestCancelEndsStreams ends the context between two strides of an endless copy.
func TestCancelEndsStreams(t *testing.T) {
	b := open(t, t.TempDir(), local.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w, err := b.Create(ctx, vfs.MustParse("/file"), vfs.CreateOptions{})
	must(t, err)
	defer w.Abort()
	endless := &canceler{after: 5 << 20, cancel: cancel}
	if _, err := w.(io.ReaderFrom).ReadFrom(endless); vfs.KindOf(err) != vfs.KindCanceled {
		t.Errorf("ReadFrom: %v, want kind canceled", err)
	}
}

// canceler reads zeros and cancels after some of them.
type canceler struct {
	after  int
	cancel context.CancelFunc
}

func (c *canceler) Read(p []byte) (int, error) {
	if c.after -= len(p); c.after < 0 {
		c.cancel()
	}
	clear(p)
	return len(p), nil
}
