package sftp_test

import (
	"context"
	"encoding/binary"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/vfs"
)

// looker counts the questions about files. With denies it cannot append; while fails
// is set every question fails.
type looker struct {
	vfs.Backend
	denies bool
	asked  atomic.Int32
	fails  atomic.Bool
}

func (l *looker) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	l.asked.Add(1)
	if l.fails.Load() {
		return vfs.Info{}, vfs.NewError(vfs.KindUnavailable, nil)
	}
	return l.Backend.Stat(ctx, p, want)
}

func (l *looker) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	if l.denies && (o.Mode == vfs.ModeAppend || o.Mode == vfs.ModeResume) {
		return nil, vfs.NewError(vfs.KindUnsupported, nil)
	}
	return l.Backend.Create(ctx, p, o)
}

func (l *looker) Caps() vfs.Caps {
	c := l.Backend.Caps()
	c.Append = c.Append && !l.denies
	return c
}

// What an OPEN for appending finds depends on what the user may do and on what
// the store can. "" as a content means that there is no such file.
func TestAppendPolicy(t *testing.T) {
	const all, create = vfs.PermAll, wire.OpenWrite | wire.OpenAppend | wire.OpenCreate
	tests := []struct {
		name   string
		old    string
		flags  uint32
		allow  vfs.Permission
		refuse bool // of the account: to continue a file
		denies bool // of the store: to append
		open   uint32
		want   string // after a WRITE of "new" and the CLOSE
		asked  bool   // the store is asked first
	}{
		{name: "all rights", old: "old", flags: create, allow: all, want: "oldnew"},
		{name: "without CREAT", old: "old", flags: wire.OpenAppend, allow: all, want: "oldnew"},
		{name: "nothing there", flags: create, allow: all, want: "new"},
		{name: "nothing there, without CREAT", flags: wire.OpenAppend, allow: all, open: codeNoFile},
		{name: "resuming refused", old: "old", flags: create, allow: all, refuse: true, open: codeUnsupported, want: "old", asked: true},
		{name: "resuming refused, nothing there", flags: create, allow: all, refuse: true, want: "new", asked: true},
		{name: "without overwriting", old: "old", flags: create, allow: all &^ vfs.PermOverwrite, open: codeDenied, want: "old", asked: true},
		{name: "without overwriting, nothing there", flags: create, allow: all &^ vfs.PermOverwrite, want: "new", asked: true},
		{name: "no right to ask", old: "old", flags: create, allow: vfs.PermWrite | vfs.PermOverwrite, open: codeFailure, want: "old", asked: true},
		{name: "no right to ask, nothing there", flags: create, allow: vfs.PermWrite | vfs.PermOverwrite, want: "new", asked: true},
		{name: "store that cannot", old: "old", flags: create, allow: all, denies: true, open: codeUnsupported, want: "old", asked: true},
		{name: "store that cannot, nothing there", flags: create, allow: all, denies: true, want: "new", asked: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := &looker{Backend: memory.New(), denies: test.denies}
			cfg := config(t)
			cfg.Backend = func(*testing.T) vfs.Backend { return store }
			target := sftptest.Target(cfg)
			target.Account = func(a *auth.Account, _ string) {
				view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: store}}, Allow: test.allow})
				if err != nil {
					t.Fatal(err)
				}
				a.User.View, a.User.Uploads.RefuseResume = view, test.refuse
			}
			c := talkTo(t, frontendtest.Serve(t, target))
			if test.old != "" {
				c.server.StoreFile("/f", []byte(test.old), time.Time{})
			}
			store.asked.Store(0)
			if test.open != codeOK {
				c.want(test.open, wire.TypeOpen, openBody("/f", test.flags))
			} else {
				h := c.open("/f", test.flags)
				c.write(codeOK, h, 0, "new")
				c.close(codeOK, h)
			}
			if (store.asked.Load() > 0) != test.asked {
				t.Errorf("asked %d times", store.asked.Load())
			}
			if test.want == "" {
				c.server.WantStored("/f", nil)
				return
			}
			c.server.WantStored("/f", []byte(test.want))
		})
	}
}

// FSTAT describes a file that is open for writing as it was opened, and without
// asking the store, until it is written.
func TestFstatOfAnUpload(t *testing.T) {
	for _, flags := range []uint32{wire.OpenWrite, wire.OpenWrite | wire.OpenAppend, wire.OpenWrite | wire.OpenRead, wire.OpenWrite | wire.OpenCreate | wire.OpenRead} {
		store := &looker{Backend: memory.New()}
		cfg := config(t)
		cfg.Backend = func(*testing.T) vfs.Backend { return store }
		c := talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
		c.server.StoreFile("/f", []byte("old"), time.Unix(1e9, 0))
		h := c.open("/f", flags)
		store.asked.Store(0)
		c.wantFstat(h, 3, 1e9)
		if store.asked.Load() > 0 {
			t.Errorf("opened with %d: FSTAT asks the store", flags)
		}
		c.write(codeOK, h, 3, "new")
		c.wantFstat(h, 6, 0)
		c.close(codeOK, h)
		c.server.WantStored("/f", []byte("oldnew"))
	}
}

// Where it matters what is there and the store does not answer, nothing is stored.
func TestUnknownOld(t *testing.T) {
	store := &looker{Backend: memory.New()}
	cfg := config(t)
	cfg.Backend = func(*testing.T) vfs.Backend { return store }
	c := talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
	c.server.StoreFile("/f", []byte("old"), time.Time{})
	const create = wire.OpenWrite | wire.OpenCreate
	for name, do := range map[string]func(h []byte){
		"written from the beginning": func(h []byte) { c.write(codeOK, h, 0, "new content") },
		"written from the end":       func(h []byte) { c.write(codeFailure, h, 3, "new") },
		"not written":                func([]byte) {},
		"asked about":                func(h []byte) { c.want(codeFailure, wire.TypeFstat, h) },
	} {
		h := c.open("/f", create)
		store.fails.Store(true)
		do(h)
		code, _ := c.ask(wire.TypeClose, h).Status()
		store.fails.Store(false)
		if code != codeFailure {
			t.Errorf("%s: CLOSE is answered %d", name, code)
		}
		c.server.WantStored("/f", []byte("old"))
	}
}

// wantFstat wants a size and a time, which 0 says is that of now.
func (t *talk) wantFstat(handle []byte, size uint64, mtime uint32) {
	t.Helper()
	const attrTimes = 8
	p := t.ask(wire.TypeFstat, handle)
	if p.Kind != wire.TypeAttrs {
		code, text := p.Status()
		t.Fatalf("FSTAT: %d %s", code, text)
	}
	flags, got := binary.BigEndian.Uint32(p.Body), binary.BigEndian.Uint64(p.Body[4:])
	var at uint32
	if flags&attrTimes != 0 {
		at = binary.BigEndian.Uint32(p.Body[len(p.Body)-4:])
	}
	now := time.Since(time.Unix(int64(at), 0)).Abs() < time.Hour
	if got != size || mtime != 0 && at != mtime || mtime == 0 && !now {
		t.Errorf("FSTAT: size %d, time %d, want %d and %d", got, at, size, mtime)
	}
}
