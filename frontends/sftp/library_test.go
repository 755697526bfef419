package sftp_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// speaker is a client that speaks in packets with one of the two servers.
type speaker struct {
	*testing.T
	io.ReadWriter
	store *steered
	id    uint32
}

// dialLibrary and dialOurs return a client of each, over a store of its own with the
// same files.
func dialLibrary(t *testing.T) *speaker {
	t.Helper()
	store := newSteered(t)
	view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: store}}, Allow: vfs.PermAll})
	if err != nil {
		t.Fatal(err)
	}
	s := &speaker{T: t, ReadWriter: serveAlone(t, view), store: store}
	s.send(wire.Begin(wire.TypeInit, 4).Uint32(3))
	if kind, _, err := wire.ReadPacket(s); err != nil || kind != wire.TypeVersion {
		t.Fatalf("%v, %v", kind, err)
	}
	return s
}

func dialOurs(t *testing.T) *speaker {
	t.Helper()
	store := newSteered(t)
	cfg := config(t)
	cfg.Backend = func(*testing.T) vfs.Backend { return store }
	talk := talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
	return &speaker{T: t, ReadWriter: talk.Conn, store: store}
}

func (s *speaker) send(p wire.Packet) {
	s.Helper()
	if _, err := s.Write(p.Framed()); err != nil {
		s.Fatal(err)
	}
}

func (s *speaker) begin(t wire.Type) wire.Packet {
	s.id++
	return wire.BeginRequest(t, s.id)
}

// answer is one that is to be compared: what it says but for times and texts.
func (s *speaker) answer() (id uint32, text string) {
	s.Helper()
	kind, body, err := wire.ReadPacket(s)
	if err != nil {
		s.Fatal(err)
	}
	f := wire.Fields{Rest: body}
	id = f.Uint32()
	switch kind {
	case wire.TypeStatus:
		return id, wire.Code(f.Uint32()).String()
	case wire.TypeHandle:
		return id, "HANDLE " + f.Text()
	case wire.TypeData:
		return id, "DATA " + f.Text()
	case wire.TypeName:
		f.Uint32()
		return id, "NAME " + f.Text()
	case wire.TypeAttrs:
		f.Uint32()
		return id, fmt.Sprintf("ATTRS %d", f.Uint64())
	default:
		return id, kind.String()
	}
}

// ask sends a request and returns its answer.
func (s *speaker) ask(p wire.Packet) string {
	s.Helper()
	s.send(p)
	_, text := s.answer()
	return text
}

func (s *speaker) on(t wire.Type, path string) string {
	s.Helper()
	return s.ask(s.begin(t).Text(path))
}

func (s *speaker) extended(name string, texts ...string) string {
	s.Helper()
	p := s.begin(wire.TypeExtended).Text(name)
	for _, text := range texts {
		p = p.Text(text)
	}
	return s.ask(p.Uint64(0).Uint64(0))
}

// open returns a handle, or why there is none.
func (s *speaker) open(name string, flags uint32) string {
	s.Helper()
	return strings.TrimPrefix(s.ask(s.begin(wire.TypeOpen).Text(name).Uint32(flags).Uint32(0)), "HANDLE ")
}

func (s *speaker) put(handle string, off uint64, data string) string {
	s.Helper()
	return s.ask(s.begin(wire.TypeWrite).Text(handle).Uint64(off).Text(data))
}

func (s *speaker) get(handle string, off uint64, n uint32) string {
	s.Helper()
	return s.ask(s.begin(wire.TypeRead).Text(handle).Uint64(off).Uint32(n))
}

// firstOf sends a request that waits for the store and one that does not, and
// returns the second one's answer when it comes first.
func (s *speaker) firstOf(waits, other wire.Packet) string {
	s.Helper()
	s.send(waits)
	<-s.store.waiting
	want := s.id
	s.send(other)
	type answer struct {
		id   uint32
		text string
	}
	answers := make(chan answer)
	go func() {
		for range 2 {
			id, text := s.answer()
			answers <- answer{id, text}
		}
	}()
	select {
	case first := <-answers:
		close(s.store.release)
		<-answers
		if first.id == want {
			return first.text
		}
	case <-time.After(s.store.patience):
		close(s.store.release)
		<-answers
		<-answers
	}
	return "nothing before the first"
}

// steered is a store in which what is called slow waits for a release.
type steered struct {
	vfs.Backend
	waiting  chan struct{}
	release  chan struct{}
	patience time.Duration
	once     sync.Once
}

func newSteered(t *testing.T) *steered {
	t.Helper()
	s := &steered{Backend: memory.New(), waiting: make(chan struct{}), release: make(chan struct{}), patience: 2 * time.Second}
	for name, content := range map[string]string{"/dir/file": "content", "/slow": "slow", "/f": "0123456789"} {
		w, err := s.Backend.Create(t.Context(), vfs.MustParse(name), vfs.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *steered) wait(ctx context.Context, p vfs.Path) {
	if p.Base() != "slow" {
		return
	}
	s.once.Do(func() { close(s.waiting) })
	select {
	case <-s.release:
	case <-ctx.Done():
	}
}

func (s *steered) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	s.wait(ctx, p)
	return s.Backend.Stat(ctx, p, want)
}

func (s *steered) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	r, err := s.Backend.Open(ctx, p, o)
	if err == nil && p.Base() == "slow" {
		r = steeredReader{r, s, ctx, p}
	}
	return r, err
}

type steeredReader struct {
	vfs.Reader
	s   *steered
	ctx context.Context
	p   vfs.Path
}

func (r steeredReader) Read(b []byte) (int, error) {
	r.s.wait(r.ctx, r.p)
	return r.Reader.Read(b)
}

func (s *steered) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	w, err := s.Backend.Create(ctx, p, o)
	if err == nil && p.Base() == "slow" {
		w = steeredWriter{w, s, p}
	}
	return w, err
}

type steeredWriter struct {
	vfs.Writer
	s *steered
	p vfs.Path
}

func (w steeredWriter) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	w.s.wait(ctx, w.p)
	return w.Writer.Commit(ctx, o)
}

const fresh = wire.OpenWrite | wire.OpenCreate | wire.OpenTruncate

// Each reason for a server of our own is a conversation in which the library's, with
// handlers over the same tree, does not do what is promised. When it does, the row
// fails, and the reason is gone.
func TestTheLibraryAlone(t *testing.T) {
	for _, row := range []struct {
		reason        string
		speak         func(s *speaker) string
		library, ours string
	}{
		{"paths are cleaned before a handler sees them: a name that is none is taken for another one", func(s *speaker) string {
			return s.on(wire.TypeStat, "/no\x00name/../f")
		}, "ATTRS 10", "FAILURE"},
		{"a path that can only name a directory opens a file", func(s *speaker) string {
			return s.open("/f/", wire.OpenRead)
		}, "1", "FAILURE"},
		{"FSTAT names a path and no handle: an upload is not found", func(s *speaker) string {
			h := s.open("/new", fresh)
			s.put(h, 0, "abc")
			return s.on(wire.TypeFstat, h)
		}, "NO_SUCH_FILE", "ATTRS 3"},
		{"FSTAT names a path and no handle: what is read is not found when its name is gone", func(s *speaker) string {
			h := s.open("/f", wire.OpenRead)
			s.on(wire.TypeRemove, "/f")
			return s.on(wire.TypeFstat, h)
		}, "NO_SUCH_FILE", "ATTRS 10"},
		{"FSETSTAT names a path and no handle: a time cannot be kept for the commit", func(s *speaker) string {
			h := s.open("/new", fresh)
			return s.ask(s.begin(wire.TypeFsetstat).Text(h).Uint32(wire.AttrTimes).Uint32(1).Uint32(1))
		}, "NO_SUCH_FILE", "OK"},
		{"a WRITE to a file that is open for reading is answered with data", func(s *speaker) string {
			answer, _, _ := strings.Cut(s.put(s.open("/f", wire.OpenRead), 0, "x"), " ")
			return answer
		}, "DATA", "PERMISSION_DENIED"},
		{"fsync is not known", func(s *speaker) string {
			return s.extended(wire.Fsync, s.open("/new", fresh))
		}, "OP_UNSUPPORTED", "OK"},
		{"copy-data is not known", func(s *speaker) string {
			from, to := s.open("/f", wire.OpenRead), s.open("/new", fresh)
			return s.ask(s.begin(wire.TypeExtended).Text(wire.CopyData).Text(from).Uint64(0).Uint64(0).Text(to).Uint64(0))
		}, "OP_UNSUPPORTED", "OK"},
		{"limits is not known", func(s *speaker) string { return s.extended(wire.Limits) }, "OP_UNSUPPORTED", "EXTENDED_REPLY"},
		{"an unknown number of files may be open", func(s *speaker) string {
			last := ""
			for range 129 {
				last = s.open("/f", wire.OpenRead)
			}
			return last
		}, "129", "FAILURE"},
		{"a READ that waits for the store delays the answers to all other requests", func(s *speaker) string {
			h := s.open("/slow", wire.OpenRead)
			return s.firstOf(s.begin(wire.TypeRead).Text(h).Uint64(0).Uint32(4), s.begin(wire.TypeStat).Text("/f"))
		}, "nothing before the first", "ATTRS 10"},
		{"a CLOSE that commits delays all other requests", func(s *speaker) string {
			h := s.open("/slow", fresh)
			return s.firstOf(s.begin(wire.TypeClose).Text(h), s.begin(wire.TypeStat).Text("/f"))
		}, "nothing before the first", "ATTRS 10"},
		{"requests that only look wait for each other", func(s *speaker) string {
			return s.firstOf(s.begin(wire.TypeStat).Text("/slow"), s.begin(wire.TypeStat).Text("/f"))
		}, "nothing before the first", "ATTRS 10"},
	} {
		t.Run(row.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // it waits for nothing but the conversation
				if got := row.speak(dialLibrary(t)); got != row.library {
					t.Errorf("the library alone: %q, and no longer %q", got, row.library)
				}
			})
			if got := row.speak(dialOurs(t)); got != row.ours {
				t.Errorf("our server: %q, want %q", got, row.ours)
			}
		})
	}
}

// In a conversation that touches none of the reasons both servers give the same
// answers, with the same handles.
func TestTheSameConversation(t *testing.T) {
	script := func(s *speaker) (answers []string) {
		say := func(what, text string) { answers = append(answers, what+": "+text) }
		for _, name := range []string{"/", "/dir", "/dir/file", "/none", "/none/below", "/f", "dir/../f"} {
			say("STAT "+name, strings.Fields(s.on(wire.TypeStat, name))[0])
			say("LSTAT "+name, strings.Fields(s.on(wire.TypeLstat, name))[0])
			say("REALPATH "+name, s.on(wire.TypeRealpath, name))
		}
		h := s.open("/dir/file", wire.OpenRead)
		say("OPEN", h)
		for _, at := range []uint64{0, 3, 2, 6, 7, 100} {
			say(fmt.Sprint("READ ", at), s.get(h, at, 4))
		}
		say("CLOSE", s.on(wire.TypeClose, h))
		say("CLOSE again", s.on(wire.TypeClose, h))
		say("READ of no handle", s.get(h, 0, 1))
		h = s.open("/new", fresh)
		for _, part := range []struct {
			off  uint64
			data string
		}{{0, "ab"}, {4, "ef"}, {2, "cd"}, {6, ""}} {
			say(fmt.Sprint("WRITE ", part.off), s.put(h, part.off, part.data))
		}
		say("CLOSE", s.on(wire.TypeClose, h))
		h = s.open("/new", wire.OpenRead)
		say("READ", s.get(h, 0, 100))
		say("CLOSE", s.on(wire.TypeClose, h))
		say("OPEN EXCL", s.open("/new", fresh|wire.OpenExclusive))
		h = s.open("/hole", fresh)
		say("WRITE", s.put(h, 5, "x"))
		say("CLOSE of a hole", s.on(wire.TypeClose, h))
		say("STAT", s.on(wire.TypeStat, "/hole"))
		say("OPEN of nothing", s.open("/none", wire.OpenRead))
		say("OPEN of a directory", s.open("/dir", wire.OpenRead))
		say("OPEN without flags", s.open("/new", 0))
		mkdir := func(name string) string { return s.ask(s.begin(wire.TypeMkdir).Text(name).Uint32(0)) }
		say("MKDIR", mkdir("/made"))
		say("MKDIR again", mkdir("/made"))
		say("RMDIR of a full one", s.on(wire.TypeRmdir, "/dir"))
		say("RMDIR of a file", s.on(wire.TypeRmdir, "/f"))
		say("REMOVE of a directory", s.on(wire.TypeRemove, "/dir"))
		say("RENAME", s.ask(s.begin(wire.TypeRename).Text("/new").Text("/made/moved")))
		say("RENAME onto a file", s.ask(s.begin(wire.TypeRename).Text("/made/moved").Text("/f")))
		say("RENAME of nothing", s.ask(s.begin(wire.TypeRename).Text("/none").Text("/x")))
		say("posix-rename", s.extended(wire.PosixRename, "/made/moved", "/f"))
		say("STAT", s.on(wire.TypeStat, "/f"))
		say("RMDIR", s.on(wire.TypeRmdir, "/made"))
		say("REMOVE", s.on(wire.TypeRemove, "/f"))
		say("REMOVE again", s.on(wire.TypeRemove, "/f"))
		say("SETSTAT", s.ask(s.begin(wire.TypeSetstat).Text("/dir/file").Uint32(wire.AttrTimes).Uint32(1).Uint32(1)))
		say("SETSTAT of nothing", s.ask(s.begin(wire.TypeSetstat).Text("/none").Uint32(wire.AttrTimes).Uint32(1).Uint32(1)))
		say("OPENDIR of nothing", s.on(wire.TypeOpendir, "/none"))
		say("OPENDIR of a file", s.on(wire.TypeOpendir, "/dir/file"))
		say("unknown extension", s.extended("unknown@example.com"))
		return answers
	}
	theirs, ours := script(dialLibrary(t)), script(dialOurs(t))
	for i := range theirs {
		if theirs[i] != ours[i] {
			t.Errorf("step %d: the library %q, our server %q", i, theirs[i], ours[i])
		}
	}
}
