package sftp_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// What a connection may have, as the package has it.
const (
	handles, channels   = 128, 10
	maxReaders, maxDirs = 16, 8
)

// holding is a store that counts what is open at once. A listing holds a page that
// is as heavy as that of a real store, and the entries of a directory may change.
type holding struct {
	vfs.Backend
	listings, readers atomic.Int64
	peak              atomic.Int64  // of listings
	closed            chan struct{} // a reader was

	mu    sync.Mutex
	names []string
}

func (s *holding) List(context.Context, vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		now := s.listings.Add(1)
		defer s.listings.Add(-1)
		s.peak.Store(max(s.peak.Load(), now))
		s.mu.Lock()
		names := s.names
		s.mu.Unlock()
		page := make([][]byte, len(names))
		for i, name := range names {
			page[i] = append(make([]byte, 0, 700), name...)
		}
		for _, name := range page {
			if !yield(vfs.Info{Name: string(name), Type: vfs.TypeFile}, nil) {
				return
			}
		}
	}
}

func (s *holding) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	r, err := s.Backend.Open(ctx, p, o)
	if err != nil {
		return nil, err
	}
	s.readers.Add(1)
	return &heldReader{Reader: r, s: s}, nil
}

type heldReader struct {
	vfs.Reader
	s    *holding
	once sync.Once
}

func (r *heldReader) Close() error {
	r.once.Do(func() {
		r.s.readers.Add(-1)
		select {
		case r.s.closed <- struct{}{}:
		default:
		}
	})
	return r.Reader.Close()
}

func startHolding(t *testing.T, entries int) ([]*talk, *holding) {
	t.Helper()
	store := &holding{Backend: memory.New(), closed: make(chan struct{}, 1)}
	for i := range entries {
		store.names = append(store.names, fmt.Sprintf("file-%06d", i))
	}
	cfg := config(t)
	cfg.Backend = func(*testing.T) vfs.Backend { return store }
	c := talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
	all := []*talk{c}
	for len(all) < channels {
		other, err := sftpclient.Open(c.ssh)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &talk{T: t, Conn: other, server: c.server, ssh: c.ssh})
	}
	return all, store
}

// openAll asks for as many handles as all channels could have, and returns those
// that there are.
func openAll(all []*talk, kind wire.Type, body []byte) (open [][][]byte, count int) {
	for _, c := range all {
		var mine [][]byte
		for range handles {
			if p := c.ask(kind, body); p.Kind == wire.TypeHandle {
				mine = append(mine, sftpclient.String(p.String(0)))
			}
		}
		open, count = append(open, mine), count+len(mine)
	}
	return open, count
}

// One connection opens as many large directories as it can. All of them can be read.
func TestManyDirectories(t *testing.T) {
	all, store := startHolding(t, 5000)
	before := heap()
	open, count := openAll(all, wire.TypeOpendir, sftpclient.String("/"))
	if count != handles {
		t.Errorf("%d directories are open, want %d", count, handles)
	}
	if grown := int64(heap()) - int64(before); grown > 48<<20 {
		t.Errorf("%d directories hold %d MiB", count, grown>>20)
	}
	if n := store.peak.Load(); n > maxDirs {
		t.Errorf("%d listings were open at once, want no more than %d", n, maxDirs)
	}
	// Some are read beside each other, so that each has to make room for the next.
	const beside = maxDirs + 4
	got := make([]map[string]bool, beside)
	for ended := 0; ended < beside; {
		for i := range beside {
			c, h := all[0], open[0][i]
			if h == nil {
				continue
			}
			p := c.ask(wire.TypeReaddir, h)
			if code, text := p.Status(); p.Kind == wire.TypeStatus {
				if code != codeEOF {
					t.Errorf("READDIR: %d %s", code, text)
				}
				open[0][i] = nil
				ended++
				continue
			}
			if got[i] == nil {
				got[i] = map[string]bool{}
			}
			for _, e := range entriesOf(t, p) {
				if got[i][e.name] {
					t.Fatalf("%s comes twice", e.name)
				}
				got[i][e.name] = true
			}
		}
	}
	for i, names := range got {
		if len(names) != 5000 {
			t.Errorf("directory %d has %d entries", i, len(names))
		}
	}
	for i, c := range all {
		for _, h := range open[i] {
			if h != nil {
				c.close(codeOK, h)
			}
		}
	}
	if n := store.listings.Load(); n != 0 {
		t.Errorf("%d listings are left", n)
	}
}

// A directory that had to make room continues where it was, although entries come and
// go meanwhile.
func TestDirectoryGoesOn(t *testing.T) {
	for name, change := range map[string]func(names []string) []string{
		"nothing":                func(names []string) []string { return names },
		"what was reported last": func(names []string) []string { return append(append([]string(nil), names[:190]...), names[260:]...) },
		"all but one of these":   func(names []string) []string { return append(append([]string(nil), names[:1]...), names[280:]...) },
		"all that was reported":  func(names []string) []string { return names[300:] },
		"new ones before":        func(names []string) []string { return append([]string{"a", "b", "c"}, names...) },
	} {
		t.Run(name, func(t *testing.T) {
			all, store := startHolding(t, 2000)
			c := all[0]
			h := c.opendir("/")
			got := map[string]int{}
			for _, e := range entriesOf(t, c.ask(wire.TypeReaddir, h)) {
				got[e.name]++
			}
			if n := len(got); n < 250 || n > 300 {
				t.Fatalf("the first answer has %d entries, which the rows do not fit", n)
			}
			last := len(got)
			old := store.names
			store.mu.Lock()
			store.names = change(old)
			if name == "all but one of these" {
				store.names = append(append([]string(nil), old[:1]...), old[last-1:]...)
			}
			now := store.names
			store.mu.Unlock()
			for range maxDirs { // it gives way
				c.opendir("/")
			}
			failed := false
			for p := c.ask(wire.TypeReaddir, h); ; p = c.ask(wire.TypeReaddir, h) {
				if code, _ := p.Status(); p.Kind == wire.TypeStatus {
					failed = code != codeEOF
					break
				}
				for _, e := range entriesOf(t, p) {
					got[e.name]++
				}
			}
			if failed {
				t.Fatal("it fails")
			}
			stayed := map[string]bool{}
			for _, name := range now {
				stayed[name] = true
			}
			for _, name := range old {
				if got[name] != 1 && (stayed[name] || got[name] > 1) {
					t.Errorf("%s came %d times", name, got[name])
				}
			}
		})
	}
}

// One connection reads as many files as it can, here and there. All that is read is
// right, and few of them hold anything at the store.
func TestManyReaders(t *testing.T) {
	all, store := startHolding(t, 0)
	content := random(1 << 20)
	all[0].server.StoreFile("/f", content, time.Time{})
	before := heap()
	open, count := openAll(all, wire.TypeOpen, openBody("/f", wire.OpenRead))
	if count != handles {
		t.Errorf("%d files are open, want %d", count, handles)
	}
	for _, off := range []uint64{0, 255 << 10, 510 << 10, 1} {
		for i, c := range all {
			for _, h := range open[i] {
				c.read(h, off, 1, string(content[off:off+1]))
			}
		}
		if n := store.readers.Load(); n > maxReaders {
			t.Errorf("%d readers are open, want no more than %d", n, maxReaders)
		}
	}
	if grown := int64(heap()) - int64(before); grown > 16<<20 {
		t.Errorf("%d files hold %d MiB", count, grown>>20)
	}
	// Idle ones are closed, but for the last one, and all can be read on.
	for late := time.After(patience.Limit()); store.readers.Load() > 1; {
		select {
		case <-store.closed:
		case <-late:
			t.Fatalf("%d readers are still open", store.readers.Load())
		}
	}
	for i, c := range all {
		for _, h := range open[i] {
			c.read(h, 2, 3, string(content[2:5]))
			c.close(codeOK, h)
		}
	}
	if n := store.readers.Load(); n != 0 {
		t.Errorf("%d readers are left", n)
	}
}

// Data on channels that serve nothing is not kept: the channel ends, and the others
// of the connection continue.
func TestDataWithoutSubsystem(t *testing.T) {
	for name, ask := range map[string]func(ch ssh.Channel) error{
		"nothing": func(ssh.Channel) error { return nil },
		"shell": func(ch ssh.Channel) error {
			_, err := ch.SendRequest("shell", true, nil)
			return err
		},
		"another subsystem": func(ch ssh.Channel) error {
			_, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"netconf"}))
			return err
		},
		"environment": func(ch ssh.Channel) error {
			_, err := ch.SendRequest("env", false, ssh.Marshal(struct{ Name, Value string }{"LANG", "C"}))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := startTalk(t)
			before := heap()
			for range channels - 1 {
				ch, requests, err := c.ssh.OpenChannel("session", nil)
				if err != nil {
					t.Fatal(err)
				}
				go ssh.DiscardRequests(requests)
				if err := ask(ch); err != nil {
					t.Fatal(err)
				}
				// As much as SSH takes without an answer. The end may come sooner.
				for range 64 {
					if _, err := ch.Write(make([]byte, 32<<10)); err != nil {
						break
					}
				}
				if _, err := io.ReadAll(ch); err != nil {
					t.Error(err)
				}
			}
			c.want(codeNoFile, wire.TypeStat, sftpclient.String("/none"))
			if grown := int64(heap()) - int64(before); grown > 4<<20 {
				t.Errorf("%d MiB are kept", grown>>20)
			}
		})
	}
}

// A client that does not wait for the subsystem before it speaks is served.
func TestSubsystemWithoutWaiting(t *testing.T) {
	c := startTalk(t)
	for range 20 {
		ch, requests, err := c.ssh.OpenChannel("session", nil)
		if err != nil {
			t.Fatal(err)
		}
		go ssh.DiscardRequests(requests)
		if _, err := ch.SendRequest("subsystem", false, ssh.Marshal(struct{ Name string }{"sftp"})); err != nil {
			t.Fatal(err)
		}
		other := &sftpclient.Conn{Channel: ch}
		if err := other.Send(1, sftpclient.Uint32(3)); err != nil {
			t.Fatal(err)
		}
		if p, err := other.Receive(); err != nil || p.Kind != 2 {
			t.Fatalf("INIT: type %d, %v", p.Kind, err)
		}
		_ = ch.Close()
		_, _ = io.ReadAll(ch)
	}
}
