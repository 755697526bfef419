package sftp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// conflict is what order keeps, written down as a relation.
func conflict(a, b *turn) bool {
	switch {
	case a.class == fileChange || b.class == fileChange:
		return a.touches(b)
	default:
		return a.class == change || b.class == change
	}
}

// A turn may begin when everything before it that it conflicts with has ended, and
// not earlier.
func TestOrderKeepsConflictsInOrder(t *testing.T) {
	paths := []vfs.Path{
		vfs.MustParse("/"), vfs.MustParse("/a"), vfs.MustParse("/a/b"), vfs.MustParse("/a/c"), vfs.MustParse("/ab"), vfs.MustParse("/d/e"),
	}
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		var o order
		var open []*turn
		for range 300 {
			if len(open) < 40 && random.IntN(2) == 0 {
				some := []vfs.Path{paths[random.IntN(len(paths))]}
				c := class(random.IntN(3))
				if c == change && random.IntN(2) == 0 {
					some = append(some, paths[random.IntN(len(paths))])
				}
				open = append(open, o.begin(c, some...))
			}
			var may []int
			for i, one := range open {
				blocked := false
				for _, before := range open[:i] {
					blocked = blocked || conflict(one, before)
				}
				ready := false
				select {
				case <-one.ready:
					ready = true
				default:
				}
				if !ready && !blocked || ready && blocked {
					t.Fatalf("seed %d: turn %d of class %d at %v: ready %v, blocked %v", seed, one.seq, one.class, one.paths, ready, blocked)
				}
				if ready {
					may = append(may, i)
				}
			}
			if len(may) > 0 && random.IntN(2) == 0 {
				i := may[random.IntN(len(may))]
				o.end(open[i])
				open = append(open[:i:i], open[i+1:]...)
			}
		}
		for len(open) > 0 {
			o.end(open[0])
			open = open[1:]
		}
		if len(o.names) != 0 || len(o.files) != 0 {
			t.Fatalf("seed %d: %d names and %d files are left", seed, len(o.names), len(o.files))
		}
	}
}

// Thousands of requests that wait for each other make few edges.
func TestOrderIsBounded(t *testing.T) {
	for name, classes := range map[string][]class{
		"looks and changes": {look, change}, "file changes": {fileChange}, "all": {look, fileChange, change},
		"changes behind looks": {look, look, look, change},
	} {
		var o order
		edges := 0
		for i := range 4000 {
			edges += o.begin(classes[i%len(classes)], vfs.MustParse("/a")).blockers
		}
		if edges > 3*4000 {
			t.Errorf("%s: %d edges", name, edges)
		}
	}
}

// delayed is a store each of whose answers takes a while, and another each time.
type delayed struct {
	vfs.Backend
	mu     sync.Mutex
	random *rand.Rand
}

func (d *delayed) wait() {
	d.mu.Lock()
	n := d.random.IntN(300)
	d.mu.Unlock()
	time.Sleep(time.Duration(n) * time.Microsecond)
}

func (d *delayed) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	d.wait()
	return d.Backend.Stat(ctx, p, want)
}

func (d *delayed) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	d.wait()
	return d.Backend.Open(ctx, p, o)
}

func (d *delayed) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	d.wait()
	w, err := d.Backend.Create(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return delayedWriter{w, d}, nil
}

func (d *delayed) Mkdir(ctx context.Context, p vfs.Path) error {
	d.wait()
	defer d.wait()
	return d.Backend.Mkdir(ctx, p)
}

func (d *delayed) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	d.wait()
	defer d.wait()
	return d.Backend.Remove(ctx, p, want)
}

func (d *delayed) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	d.wait()
	defer d.wait()
	return d.Backend.Rename(ctx, from, to, o)
}

type delayedWriter struct {
	vfs.Writer
	d *delayed
}

func (w delayedWriter) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	w.d.wait()
	defer w.d.wait()
	return w.Writer.Commit(ctx, o)
}

// conversation is requests about a few names, and about handles that were opened
// before. Their ids are their places, from 1 on.
type conversation struct{ opened, sent [][]byte }

func randomConversation(seed uint64) conversation {
	random := rand.New(rand.NewPCG(seed, 2))
	names := []string{"/d", "/d/a", "/d/b", "/d/e/f", "/f", "/g", "/", "/a\x00", "."}
	name := func() string { return names[random.IntN(len(names))] }
	flags := []uint32{
		wire.OpenRead, wire.OpenWrite, wire.OpenWrite | wire.OpenCreate, wire.OpenWrite | wire.OpenCreate | wire.OpenTruncate,
		wire.OpenWrite | wire.OpenCreate | wire.OpenExclusive, wire.OpenAppend | wire.OpenCreate, wire.OpenRead | wire.OpenWrite,
	}
	var c conversation
	id := func() uint32 { return uint32(len(c.opened) + len(c.sent) + 1) }
	// The client knows the handles 2 to 5: an OPEN that is not waited for has none.
	open := func(name string, flags uint32) {
		c.opened = append(c.opened, wire.BeginRequest(wire.TypeOpen, id()).Text(name).Uint32(flags).Uint32(0).Framed())
	}
	write := func(handle string) {
		c.opened = append(c.opened, wire.BeginRequest(wire.TypeWrite, id()).Text(handle).Uint64(0).Text("some content").Framed())
	}
	const fresh = wire.OpenWrite | wire.OpenCreate | wire.OpenTruncate
	open("/d/a", fresh)
	write("1")
	c.opened = append(c.opened, wire.BeginRequest(wire.TypeClose, id()).Text("1").Framed())
	open("/d/a", wire.OpenRead)
	open("/f", fresh)
	write("3")
	open(names[random.IntN(3)+2], fresh)
	open("/d/a", wire.OpenWrite)
	if random.IntN(2) == 0 {
		write("5")
	}
	for range 60 {
		n, handle := id(), fmt.Sprint(2+random.IntN(4))
		var p wire.Packet
		switch random.IntN(14) {
		case 0:
			p = wire.BeginRequest(wire.TypeMkdir, n).Text(name()).Uint32(0)
		case 1:
			p = wire.BeginRequest(wire.TypeRemove, n).Text(name())
		case 2:
			p = wire.BeginRequest(wire.TypeRmdir, n).Text(name())
		case 3:
			p = wire.BeginRequest(wire.TypeRename, n).Text(name()).Text(name())
		case 4:
			p = wire.BeginRequest(wire.TypeExtended, n).Text(wire.PosixRename).Text(name()).Text(name())
		case 5:
			p = wire.BeginRequest(wire.TypeSetstat, n).Text(name()).Uint32(wire.AttrSize).Uint64(0)
		case 6:
			p = wire.BeginRequest(wire.TypeOpen, n).Text(name()).Uint32(flags[random.IntN(len(flags))]).Uint32(0)
		case 7:
			p = wire.BeginRequest(wire.TypeClose, n).Text(handle)
		case 8:
			p = wire.BeginRequest(wire.TypeExtended, n).Text(wire.Fsync).Text(handle)
		case 9:
			p = wire.BeginRequest(wire.TypeFsetstat, n).Text(handle).Uint32(wire.AttrSize).Uint64(uint64(random.IntN(2) * 12))
		case 10:
			p = wire.BeginRequest(wire.TypeRealpath, n).Text(name())
		case 11:
			p = wire.BeginRequest(wire.TypeOpendir, n).Text(name())
		default:
			p = wire.BeginRequest(wire.TypeStat, n).Text(name())
		}
		c.sent = append(c.sent, p.Framed())
	}
	return c
}

// speak lets a client have a conversation, and returns the answers, as far as they
// say what happened, and what is stored at the end. One after the other means that
// the client waits for each answer.
func (c conversation) speak(t *testing.T, seed uint64, oneAfterTheOther bool) (answers []string, stored string) {
	t.Helper()
	store := memory.New()
	s, in, out := pipedSession(t, &delayed{Backend: store, random: rand.New(rand.NewPCG(seed, 3))})
	answers = make([]string, len(c.opened)+len(c.sent)+1)
	receive := func() {
		kind, body, err := wire.ReadPacket(out)
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			return
		}
		f := wire.Fields{Rest: body}
		id := f.Uint32()
		answers[id] += kind.String() // handles have other names
		switch kind {
		case wire.TypeStatus:
			answers[id] += " " + wire.Code(f.Uint32()).String() + " " + f.Text()
		case wire.TypeAttrs:
			f.Uint32()
			answers[id] += fmt.Sprintf(" size %d mode %o", f.Uint64(), f.Uint32())
		case wire.TypeName:
			f.Uint32()
			answers[id] += " " + f.Text()
		default:
		}
	}
	for _, p := range c.opened {
		_, _ = in.Write(p)
		receive()
	}
	if oneAfterTheOther {
		for _, p := range c.sent {
			_, _ = in.Write(p)
			receive()
		}
	} else {
		go func() { _, _ = in.Write(bytes.Join(c.sent, nil)) }()
		for range c.sent {
			receive()
		}
	}
	_ = in.Close()
	_, _ = io.Copy(io.Discard, out)
	s.conn.wg.Wait()
	return answers, tree(t, store, vfs.Path{})
}

// tree describes what is stored below a directory.
func tree(t *testing.T, b vfs.Backend, dir vfs.Path) string {
	t.Helper()
	var all strings.Builder
	for i, err := range b.List(t.Context(), dir) {
		if err != nil {
			t.Fatal(err)
		}
		p, err := dir.Child(i.Name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "%v %v %d\n", p, i.Type, i.Size)
		if i.IsDir() {
			all.WriteString(tree(t, b, p))
		}
	}
	return all.String()
}

// pipedSession is a session over a store, in a goroutine, with what the client
// writes to and reads from. It ends with the client's side.
func pipedSession(t *testing.T, store vfs.Backend) (*session, io.WriteCloser, io.Reader) {
	t.Helper()
	in, toServer := io.Pipe()
	fromServer, out := io.Pipe()
	s := sessionOver(t, store, in, out)
	s.conn.wg.Go(func() {
		s.serve()
		_ = out.Close()
	})
	return s, toServer, fromServer
}

// Requests that are sent without waiting have the results that they have one after
// the other, however long the store takes for each.
func TestPipelinedRequestsHaveTheResultsOfTheirOrder(t *testing.T) {
	for seed := range uint64(25) {
		c := randomConversation(seed)
		want, wantStored := c.speak(t, seed, true)
		got, stored := c.speak(t, seed+1000, false)
		for id := range want {
			if got[id] != want[id] {
				t.Errorf("seed %d, request %d: %q, one after the other %q", seed, id, got[id], want[id])
			}
		}
		if stored != wantStored {
			t.Errorf("seed %d: stored\n%swant\n%s", seed, stored, wantStored)
		}
	}
}

// Requests that only look wait for the store side by side, as many as may.
func TestLooksRunSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, in, out := pipedSession(t, &slow{memory.New()})
		const n = 64
		begun := time.Now()
		go func() {
			for i := range uint32(n) {
				_, _ = in.Write(wire.BeginRequest(wire.TypeStat, i).Text(fmt.Sprintf("/%d", i)).Framed())
			}
		}()
		for range n {
			if _, _, err := wire.ReadPacket(out); err != nil {
				t.Fatal(err)
			}
		}
		if got := time.Since(begun); got != n/maxLooking*time.Second {
			t.Errorf("%d requests of a second take %v", n, got)
		}
		_ = in.Close()
		s.conn.wg.Wait()
	})
}

// slow is a store that takes a second for a STAT.
type slow struct{ vfs.Backend }

func (s *slow) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	time.Sleep(time.Second)
	return s.Backend.Stat(ctx, p, want)
}
