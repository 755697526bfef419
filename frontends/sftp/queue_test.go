package sftp_test

import (
	"context"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// slowReads reads what is called slow when the test lets it.
type slowReads struct {
	vfs.Backend
	reads, release, given chan struct{}
}

func (s *slowReads) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	r, err := s.Backend.Open(ctx, p, o)
	if err == nil && p.Base() == "slow" {
		r = &slowReader{r, s, ctx}
	}
	return r, err
}

type slowReader struct {
	vfs.Reader
	s   *slowReads
	ctx context.Context
}

func (r *slowReader) Read(b []byte) (int, error) {
	r.s.reads <- struct{}{}
	select {
	case <-r.s.release:
		return r.Reader.Read(b)
	case <-r.ctx.Done():
		close(r.s.given)
		return 0, r.ctx.Err()
	}
}

func startSlowReads(t *testing.T) (*talk, *slowReads) {
	t.Helper()
	store := &slowReads{Backend: memory.New(), reads: make(chan struct{}, 10), release: make(chan struct{}), given: make(chan struct{})}
	cfg := config(t)
	cfg.Backend = func(*testing.T) vfs.Backend { return store }
	c := talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
	c.server.StoreFile("/slow", []byte("slow"), time.Time{})
	c.server.StoreFile("/other", []byte("other"), time.Time{})
	return c, store
}

// A READ that waits for the store holds up nothing but its own handle.
func TestSlowRead(t *testing.T) {
	c, store := startSlowReads(t)
	slow := c.open("/slow", wire.OpenRead)
	readID, err := c.Request(wire.TypeRead, join(slow, sftpclient.Uint64(0), sftpclient.Uint32(4)))
	if err != nil {
		t.Fatal(err)
	}
	closeID, err := c.Request(wire.TypeClose, slow)
	if err != nil {
		t.Fatal(err)
	}
	<-store.reads
	other := c.open("/other", wire.OpenRead)
	c.read(other, 0, 100, "other")
	c.close(codeOK, other)
	up := c.open("/up", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
	c.write(codeOK, up, 0, "abc")
	c.close(codeOK, up)
	if p := c.ask(wire.TypeStat, sftpclient.String("/up")); p.Kind != wire.TypeAttrs {
		t.Error("STAT does not find what was stored")
	}
	close(store.release)
	for _, want := range []uint32{readID, closeID} {
		p, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if p.ID != want {
			t.Errorf("an answer to %d, want one to %d", p.ID, want)
		}
		if p.ID == readID && (p.Kind != wire.TypeData || p.String(0) != "slow") {
			t.Errorf("READ: type %d, %q", p.Kind, p.Body)
		}
	}
}

// A client that leaves does not wait for what it asked to read.
func TestLeftWhileReading(t *testing.T) {
	c, store := startSlowReads(t)
	if _, err := c.Request(wire.TypeRead, join(c.open("/slow", wire.OpenRead), sftpclient.Uint64(0), sftpclient.Uint32(4))); err != nil {
		t.Fatal(err)
	}
	<-store.reads
	_ = c.ssh.Close()
	_ = c.ssh.Wait()
	select {
	case <-store.given:
	case <-time.After(patience.Limit()):
		t.Error("the store is still asked")
	}
}

// Requests on a file that is being written keep their order with its WRITEs.
func TestOrderOfWritesAndOthers(t *testing.T) {
	c := startTalk(t)
	const attrSize = 1
	c.server.StoreFile("/f", []byte("old content"), time.Time{})
	h := c.open("/f", wire.OpenWrite)
	var ids []uint32
	for _, r := range []struct {
		kind wire.Type
		body []byte
	}{
		{wire.TypeFsetstat, join(h, sftpclient.Uint32(attrSize), sftpclient.Uint64(0))},
		{wire.TypeWrite, join(h, sftpclient.Uint64(0), sftpclient.String("new"))},
		{wire.TypeFstat, h},
		{wire.TypeWrite, join(h, sftpclient.Uint64(3), sftpclient.String("er"))},
		{wire.TypeClose, h},
		{wire.TypeRename, join(sftpclient.String("/f"), sftpclient.String("/g"))},
	} {
		id, err := c.Request(r.kind, r.body)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	for range ids {
		p, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if code, text := p.Status(); p.Kind == wire.TypeStatus && code != codeOK {
			t.Errorf("answer to %d: %d %s", p.ID, code, text)
		}
	}
	c.server.WantStored("/g", []byte("newer"))
	c.server.WantStored("/f", nil)
}

// Of two uploads to one path the one that is closed last stays, however slow the
// first commit is.
func TestOrderOfCommits(t *testing.T) {
	store := newSlowStore()
	cfg := config(t)
	cfg.Backend = func(*testing.T) vfs.Backend { return store }
	c := talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
	first := c.open("/slow", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
	second := c.open("/slow", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
	c.write(codeOK, first, 0, "first")
	c.write(codeOK, second, 0, "second")
	var ids []uint32
	for _, h := range [][]byte{first, second} {
		id, err := c.Request(wire.TypeClose, h)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	<-store.commits
	close(store.release)
	for _, id := range ids {
		p, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if code, text := p.Status(); p.ID != id || code != codeOK {
			t.Errorf("answer to %d: %d %s, want OK to %d", p.ID, code, text, id)
		}
	}
	c.server.WantStored("/slow", []byte("second"))
}
