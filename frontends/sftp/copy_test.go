package sftp_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// copyStore counts copies, or cannot copy.
type copyStore struct {
	vfs.Backend
	cannot bool
	copies atomic.Int32
}

func (s *copyStore) Caps() vfs.Caps {
	caps := s.Backend.Caps()
	caps.Copy = caps.Copy && !s.cannot
	return caps
}

func (s *copyStore) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	s.copies.Add(1)
	return s.Backend.Copy(ctx, from, to, o)
}

// copyData sends copy-data.
func (t *talk) copyData(code uint32, from []byte, off, length uint64, to []byte, at uint64) {
	t.Helper()
	t.want(code, wire.TypeExtended, sftpclient.String("copy-data"), from, sftpclient.Uint64(off), sftpclient.Uint64(length), to, sftpclient.Uint64(at))
}

// copy-data, by the store and by the gateway.
func TestCopyData(t *testing.T) {
	const create, old = wire.OpenWrite | wire.OpenCreate | wire.OpenTruncate, "old content"
	long := strings.Repeat("0123456789abcdef", 64<<10) // 1 MiB
	tests := []struct {
		name   string
		source string
		run    func(t *talk, from []byte)
		want   string // of /to
		copies int32  // by a store that can
	}{
		{"whole", long, func(t *talk, from []byte) {
			to := t.open("/to", create)
			t.copyData(codeOK, from, 0, 0, to, 0)
			t.server.WantStored("/to", []byte(old))
			t.close(codeOK, from)
			t.close(codeOK, to)
		}, long, 1},
		{"whole by its length", long, func(t *talk, from []byte) {
			to := t.open("/to", create)
			t.copyData(codeOK, from, 0, uint64(len(long)), to, 0)
			t.close(codeOK, to)
		}, long, 1},
		{"empty", "", func(t *talk, from []byte) {
			to := t.open("/to", create)
			t.copyData(codeOK, from, 0, 0, to, 0)
			t.close(codeOK, to)
		}, "", 1},
		{"a part", long, func(t *talk, from []byte) {
			to := t.open("/to", create)
			t.copyData(codeOK, from, 10, 5, to, 0)
			t.close(codeOK, to)
		}, "abcde", 0},
		{"to the end", long, func(t *talk, from []byte) {
			to := t.open("/to", create)
			t.copyData(codeOK, from, 100<<10, 0, to, 0)
			t.close(codeOK, to)
		}, long[100<<10:], 0},
		{"from behind the end", "abc", func(t *talk, from []byte) {
			to := t.open("/to", create)
			t.copyData(codeOK, from, 3, 0, to, 0)
			t.copyData(codeOK, from, 1<<63, 0, to, 0)
			t.close(codeOK, to)
		}, "", 0},
		{"behind what was written", "abc", func(t *talk, from []byte) {
			to := t.open("/to", create)
			t.write(codeOK, to, 0, "<")
			t.copyData(codeOK, from, 0, 0, to, 1)
			t.copyData(codeOK, from, 0, 0, to, 4)
			t.write(codeOK, to, 7, ">")
			t.close(codeOK, to)
		}, "<abcabc>", 0},
		{"behind what is stored", "abc", func(t *talk, from []byte) {
			to := t.open("/to", wire.OpenWrite)
			t.copyData(codeOK, from, 0, 0, to, uint64(len(old)))
			t.close(codeOK, to)
		}, old + "abc", 0},
		{"into the middle of what is stored", "abc", func(t *talk, from []byte) {
			to := t.open("/to", wire.OpenWrite)
			t.copyData(codeFailure, from, 0, 0, to, 3)
			t.close(codeFailure, to)
		}, old, 0},
		{"far behind what was written", "abc", func(t *talk, from []byte) {
			to := t.open("/to", create)
			t.copyData(codeUnsupported, from, 1, 0, to, 1<<40)
			t.close(codeUnsupported, to)
		}, old, 0},
		{"onto itself", "abc", func(t *talk, from []byte) {
			to := t.open("/from", create)
			t.copyData(codeFailure, from, 0, 0, to, 0)
			t.copyData(codeDenied, to, 0, 0, to, 0)
			t.copyData(codeFailure, sftpclient.String("99"), 0, 0, to, 0)
		}, old, 0},
		{"what is being written", "abc", func(t *talk, _ []byte) {
			up := t.open("/up", create)
			from := t.open("/up", wire.OpenRead)
			to := t.open("/to", create)
			t.copyData(codeDenied, up, 0, 0, to, 0)
			t.copyData(codeUnsupported, from, 0, 0, to, 0)
		}, old, 0},
		{"into what is being read", "abc", func(t *talk, from []byte) {
			t.copyData(codeDenied, from, 0, 0, t.open("/to", wire.OpenRead), 0)
		}, old, 0},
		{"left before the CLOSE", "abc", func(t *talk, from []byte) {
			t.copyData(codeOK, from, 0, 0, t.open("/to", create), 0)
			_ = t.ssh.Close()
			_ = t.ssh.Wait()
			if commits := t.server.AwaitUploads(1); commits != 0 {
				t.Error("a copy was committed without a CLOSE")
			}
		}, old, 0},
	}
	for _, cannot := range []bool{false, true} {
		for _, test := range tests {
			name := test.name + " by the store"
			if cannot {
				name = test.name + " by the gateway"
			}
			t.Run(name, func(t *testing.T) {
				store := &copyStore{Backend: memory.New(), cannot: cannot}
				cfg := config(t)
				cfg.Backend = func(*testing.T) vfs.Backend { return store }
				c := talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
				c.server.StoreFile("/from", []byte(test.source), time.Time{})
				c.server.StoreFile("/to", []byte(old), time.Time{})
				test.run(c, c.open("/from", wire.OpenRead))
				c.server.WantStored("/to", []byte(test.want))
				if n := store.copies.Load(); !cannot && n != test.copies || cannot && n != 0 {
					t.Errorf("the store copied %d times, want %d", n, test.copies)
				}
			})
		}
	}
}

// A file that is to be copied by the store at its CLOSE cannot be written as well. FSTAT and
// FSETSTAT work on it before. The CLOSE fails if the source has changed, or if the file must be
// new and exists by then.
func TestCopyOfAVersion(t *testing.T) {
	const create, attrTimes, mtime = wire.OpenWrite | wire.OpenCreate | wire.OpenTruncate, 8, 1_500_000_000
	c := startTalk(t)
	c.server.StoreFile("/from", []byte("abc"), time.Time{})
	t.Run("attributes", func(t *testing.T) {
		to := c.open("/to", create)
		c.copyData(codeOK, c.open("/from", wire.OpenRead), 0, 0, to, 0)
		c.want(codeOK, wire.TypeFsetstat, to, sftpclient.Uint32(attrTimes), sftpclient.Uint32(1), sftpclient.Uint32(mtime))
		p := c.ask(wire.TypeFstat, to)
		if got := p.Body[11]; p.Kind != wire.TypeAttrs || got != 3 {
			t.Errorf("FSTAT: type %d, %q", p.Kind, p.Body)
		}
		c.close(codeOK, to)
		p = c.ask(wire.TypeStat, sftpclient.String("/to"))
		if got := string(p.Body[20:24]); got != string(sftpclient.Uint32(mtime)) {
			t.Errorf("STAT: %q", p.Body)
		}
	})
	t.Run("written to as well", func(*testing.T) {
		to := c.open("/more", create)
		from := c.open("/from", wire.OpenRead)
		c.copyData(codeOK, from, 0, 0, to, 0)
		c.write(codeUnsupported, to, 3, "more")
		c.close(codeUnsupported, to)
		c.server.WantStored("/more", nil)
	})
	t.Run("exclusive", func(*testing.T) {
		to := c.open("/new", wire.OpenWrite|wire.OpenCreate|wire.OpenExclusive)
		c.copyData(codeOK, c.open("/from", wire.OpenRead), 0, 0, to, 0)
		c.server.StoreFile("/new", []byte("quicker"), time.Time{})
		c.close(codeFailure, to)
		c.server.WantStored("/new", []byte("quicker"))
	})
	t.Run("replaced meanwhile", func(*testing.T) {
		to := c.open("/stale", create)
		from := c.open("/from", wire.OpenRead)
		c.server.StoreFile("/from", []byte("another"), time.Time{})
		c.copyData(codeOK, from, 0, 0, to, 0)
		c.close(codeFailure, to)
		c.server.WantStored("/stale", nil)
	})
}
