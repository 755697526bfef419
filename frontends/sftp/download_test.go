package sftp_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

type frontendServer = frontends.Server

// countingStore counts how often a file is opened, and panics where a test wants it
// to.
type countingStore struct {
	vfs.Backend
	opens atomic.Int32
}

func (s *countingStore) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	s.opens.Add(1)
	if p.Base() == "panic" {
		panic("planted")
	}
	return s.Backend.Open(ctx, p, o)
}

func (s *countingStore) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	if p.Base() == "panic" {
		panic("planted")
	}
	return s.Backend.Stat(ctx, p, want)
}

// startCounting is startTalk with a store that counts.
func startCounting(t *testing.T) (*talk, *countingStore) {
	t.Helper()
	store := &countingStore{Backend: memory.New()}
	cfg := config(t)
	cfg.Backend = func(*testing.T) vfs.Backend { return store }
	return talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg))), store
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(b) // it never fails
	return b
}

// However many READs are outstanding, a file that is read in sequence is one
// stream from the store.
func TestSequentialReadsAreOneStream(t *testing.T) {
	c, store := startCounting(t)
	const block = 32 << 10
	all := random(5<<20 + 77)
	c.server.StoreFile("/f", all, time.Time{})
	h := c.open("/f", wire.OpenRead)
	var got []byte
	blocks := uint64(len(all)/block + 2)
	for sent := uint64(0); sent < blocks; {
		n := min(64, blocks-sent)
		for i := range n {
			if _, err := c.Request(wire.TypeRead, join(h, sftpclient.Uint64((sent+i)*block), sftpclient.Uint32(block))); err != nil {
				t.Fatal(err)
			}
		}
		for range n {
			p, err := c.Receive()
			if err != nil {
				t.Fatal(err)
			}
			if p.Kind == wire.TypeData {
				got = append(got, p.String(0)...)
			} else if code, _ := p.Status(); code != codeEOF {
				t.Fatalf("READ: %d", code)
			}
		}
		sent += n
	}
	c.close(codeOK, h)
	if !bytes.Equal(got, all) {
		t.Errorf("%d bytes that are not the %d stored", len(got), len(all))
	}
	if n := store.opens.Load(); n != 1 {
		t.Errorf("the store was asked %d times, want once", n)
	}
}

// READs anywhere are right, whatever was read before.
func TestRandomReads(t *testing.T) {
	c, _ := startCounting(t)
	all := random(3 << 20)
	c.server.StoreFile("/f", all, time.Time{})
	h := c.open("/f", wire.OpenRead)
	r := rand.New(rand.NewPCG(1, 2))
	off := 0
	for range 400 {
		switch r.IntN(4) {
		case 0: // anywhere
			off = r.IntN(len(all))
		case 1: // a little on
			off = min(off+r.IntN(100<<10), len(all)-1)
		case 2: // a little back
			off = max(off-r.IntN(100<<10), 0)
		}
		n := 1 + r.IntN(32<<10)
		c.read(h, uint64(off), uint32(n), string(all[off:min(off+n, len(all))]))
	}
	c.want(codeEOF, wire.TypeRead, h, sftpclient.Uint64(uint64(len(all))), sftpclient.Uint32(1))
	c.want(codeFailure, wire.TypeRead, h, sftpclient.Uint64(1<<63), sftpclient.Uint32(1))
	c.close(codeOK, h)
}

// One version is read, or none.
func TestReplacedWhileRead(t *testing.T) {
	c, _ := startCounting(t)
	old := random(1 << 20)
	c.server.StoreFile("/f", old, time.Time{})
	h := c.open("/f", wire.OpenRead)
	c.read(h, 0, 10, string(old[:10]))
	c.server.StoreFile("/f", make([]byte, 1<<20), time.Time{})
	// The stream continues with the old content; elsewhere there is none of it.
	c.read(h, 10, 10, string(old[10:20]))
	c.want(codeFailure, wire.TypeRead, h, sftpclient.Uint64(900<<10), sftpclient.Uint32(10))
	c.want(codeFailure, wire.TypeRead, h, sftpclient.Uint64(0), sftpclient.Uint32(10))
	c.close(codeOK, h)
}

// A panic in the store ends its session alone.
func TestPanic(t *testing.T) {
	good, _ := startCounting(t)
	for name, request := range map[string]func(c *talk) (sftpclient.Packet, error){
		"STAT": func(c *talk) (sftpclient.Packet, error) { return c.Ask(wire.TypeStat, sftpclient.String("/panic")) },
		"OPEN": func(c *talk) (sftpclient.Packet, error) {
			return c.Ask(wire.TypeOpen, openBody("/panic", wire.OpenRead))
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := talkTo(t, good.server)
			p, err := request(c)
			if code, _ := p.Status(); err == nil && code != codeFailure {
				t.Errorf("answered with %d", code)
			}
			if _, err := c.Receive(); err == nil {
				t.Error("the session continues")
			}
			good.want(codeNoFile, wire.TypeStat, sftpclient.String("/none"))
		})
	}
}

// hinted is a store that notes how much it is asked for first.
type hinted struct {
	vfs.Backend
	first []int64
}

func (s *hinted) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	s.first = append(s.first, o.First)
	return s.Backend.Open(ctx, p, o)
}

// A client that reads here and there makes the store send no more than it reads; where
// one reads on, the store decides how much more is sent.
func TestReadsFarApartAskForLittle(t *testing.T) {
	store := &hinted{Backend: memory.New()}
	cfg := config(t)
	cfg.Backend = func(*testing.T) vfs.Backend { return store }
	c := talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
	all := random(4 << 20)
	c.server.StoreFile("/f", all, time.Time{})
	h := c.open("/f", wire.OpenRead)
	read := func(off, n uint64) {
		t.Helper()
		c.read(h, off, uint32(n), string(all[off:off+n]))
	}
	read(3<<20, 1)
	read(1<<20, 7)
	read(2<<20, 32<<10)
	for off := range uint64(10) {
		read(off*(32<<10), 32<<10)
	}
	read(3<<20, 1) // it has read on
	c.close(codeOK, h)
	if want := []int64{0, 1, 7, 32 << 10, 32 << 10, 0}; !slices.Equal(store.first, want) {
		t.Errorf("asked for %v first, want %v", store.first, want)
	}
}

// A client that opens file after file and reads a little of each makes the store send
// little of them; from the file of which it reads a long stretch on, all is as before.
func TestSamplesAskForLittle(t *testing.T) {
	store := &hinted{Backend: memory.New()}
	cfg := config(t)
	cfg.Backend = func(*testing.T) vfs.Backend { return store }
	c := talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
	all := random(300 << 10)
	c.server.StoreFile("/large", all, time.Time{})
	c.server.StoreFile("/small", all[:256<<10], time.Time{})
	read := func(name string, n int) {
		t.Helper()
		h := c.open(name, wire.OpenRead)
		for off := 0; off < n; off += 100 << 10 {
			part := min(100<<10, n-off)
			c.read(h, uint64(off), uint32(part), string(all[off:off+part]))
		}
		c.close(codeOK, h)
	}
	for range 5 {
		read("/small", 1) // all of it is less than a long stretch
	}
	for range 5 {
		read("/large", 1)
	}
	read("/large", 300<<10)
	read("/large", 1)
	c.close(codeOK, c.open("/small", wire.OpenRead))
	const little = 64 << 10
	if want := []int64{0, 0, 0, 0, 0, 0, 0, 0, 0, little, little, 0, 0}; !slices.Equal(store.first, want) {
		t.Errorf("asked for %v first, want %v", store.first, want)
	}
}
