package sftp_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// listed is a store with a directory of the given entries.
type listed struct {
	vfs.Backend
	entries iter.Seq2[vfs.Info, error]
}

func (l listed) List(context.Context, vfs.Path) iter.Seq2[vfs.Info, error] { return l.entries }

// talkOf starts a conversation with a server whose directories have the given
// entries.
func talkOf(t *testing.T, entries iter.Seq2[vfs.Info, error]) *talk {
	t.Helper()
	cfg := config(t)
	cfg.Backend = func(*testing.T) vfs.Backend { return listed{memory.New(), entries} }
	return talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
}

// files are n files with names of their own.
func files(n int) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		for i := range n {
			if !yield(vfs.Info{Name: fmt.Sprintf("file-%07d", i), Type: vfs.TypeFile, Size: int64(i), ModTime: time.Unix(1e9, 0)}, nil) {
				return
			}
		}
	}
}

func (t *talk) opendir(name string) []byte {
	t.Helper()
	p := t.ask(wire.TypeOpendir, sftpclient.String(name))
	if p.Kind != wire.TypeHandle {
		code, text := p.Status()
		t.Fatalf("OPENDIR: %d %s", code, text)
	}
	return sftpclient.String(p.String(0))
}

// listedEntry is an entry of a NAME.
type listedEntry struct {
	name, line string
	size       uint64
	dir        bool
}

// entriesOf takes a NAME apart, whose entries all have a size, a mode, and
// maybe times. The directory itself and the one above are left out.
func entriesOf(t *testing.T, p sftpclient.Packet) (all []listedEntry) {
	t.Helper()
	const attrTimes, modeDir = 8, 0o040000
	if p.Kind != wire.TypeName {
		code, text := p.Status()
		t.Fatalf("READDIR: %d %s", code, text)
	}
	at := 4
	for range binary.BigEndian.Uint32(p.Body) {
		e := listedEntry{name: p.String(at)}
		at += 4 + len(e.name)
		e.line = p.String(at)
		at += 4 + len(e.line)
		flags := binary.BigEndian.Uint32(p.Body[at:])
		e.size = binary.BigEndian.Uint64(p.Body[at+4:])
		e.dir = binary.BigEndian.Uint32(p.Body[at+12:])&modeDir != 0
		at += 16
		if flags&attrTimes != 0 {
			at += 8
		}
		if e.name != "." && e.name != ".." {
			all = append(all, e)
		}
	}
	if at != len(p.Body) {
		t.Errorf("NAME has %d bytes behind its entries", len(p.Body)-at)
	}
	return all
}

// A directory of 200,000 entries takes no more memory than one of a few.
func TestListingStreams(t *testing.T) {
	const entries = 200_000
	c := talkOf(t, files(entries))
	h := c.opendir("/")
	n := len(entriesOf(t, c.ask(wire.TypeReaddir, h)))
	before, most := heap(), uint64(0)
	for next := entries / 5; ; {
		p := c.ask(wire.TypeReaddir, h)
		if p.Kind == wire.TypeStatus {
			break
		}
		if n += int(binary.BigEndian.Uint32(p.Body)); n > next {
			most, next = max(most, heap()), next+entries/5
		}
	}
	if n != entries {
		t.Errorf("%d entries, want %d", n, entries)
	}
	if grown := int64(most) - int64(before); most == 0 || grown > 1<<20 {
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
	c.close(codeOK, h)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// READDIRs that are sent without waiting are answered in their order, and those
// behind the end with EOF.
func TestReaddirAhead(t *testing.T) {
	const entries, ahead = 5000, 64
	c := talkOf(t, files(entries))
	h := c.opendir("/")
	var ids []uint32
	for range ahead {
		id, err := c.Request(wire.TypeReaddir, h)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	n, ended := 0, false
	for _, id := range ids {
		p, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if p.ID != id {
			t.Fatalf("answer to %d, want %d", p.ID, id)
		}
		if code, _ := p.Status(); code == codeEOF {
			ended = true
			continue
		}
		if ended {
			t.Fatal("entries behind the end")
		}
		for _, e := range entriesOf(t, p) {
			if want := fmt.Sprintf("file-%07d", n); e.name != want || e.size != uint64(n) {
				t.Fatalf("entry %d: %+v", n, e)
			}
			n++
		}
	}
	if n != entries || !ended {
		t.Errorf("%d entries, at the end %v", n, ended)
	}
	c.close(codeOK, h)
}

// Names of all lengths come whole, and a file and a directory of one name are
// two entries.
func TestReaddirNames(t *testing.T) {
	const units = 1024
	longest := strings.Repeat("€", units) // 3 KiB, the most that a store has
	var want []listedEntry
	for i := range 40 {
		name := fmt.Sprintf("%02d%s", i, longest)
		want = append(want, listedEntry{name: name, line: "-rw-r--r--    1 sftp     sftp                7 Sep  9  2001 " + name, size: 7})
	}
	want = append(
		want,
		listedEntry{name: "both", line: "-rw-r--r--    1 sftp     sftp     123456789012345 Sep  9  2001 both", size: 123456789012345},
		listedEntry{name: "both", line: "drwxr-xr-x    2 sftp     sftp                0 Sep  9  2001 both", dir: true},
		listedEntry{name: " -rf * ", line: "-rw-r--r--    1 sftp     sftp                0 Sep  9  2001  -rf * "},
	)
	c := talkOf(t, func(yield func(vfs.Info, error) bool) {
		for _, e := range want {
			info := vfs.Info{Name: e.name, Type: vfs.TypeFile, Size: int64(e.size), ModTime: time.Unix(1e9, 0)}
			if e.dir {
				info = vfs.Info{Name: e.name, Type: vfs.TypeDir, ModTime: time.Unix(1e9, 0)}
			}
			if !yield(info, nil) {
				return
			}
		}
	})
	h := c.opendir("/")
	var got []listedEntry
	for {
		p := c.ask(wire.TypeReaddir, h)
		if p.Kind == wire.TypeStatus {
			break
		}
		if len(p.Body) > 64<<10 {
			t.Errorf("a packet of %d bytes", len(p.Body))
		}
		got = append(got, entriesOf(t, p)...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d entries that are not the %d stored", len(got), len(want))
	}
	c.close(codeOK, h)
}

// A store that fails in the middle of a directory is reported after the entries that
// it had, and does not become an end.
func TestReaddirFails(t *testing.T) {
	c := talkOf(t, func(yield func(vfs.Info, error) bool) {
		for i := range 3 {
			if !yield(vfs.Info{Name: fmt.Sprint(i), Type: vfs.TypeFile}, nil) {
				return
			}
		}
		yield(vfs.Info{}, vfs.NewError(vfs.KindUnavailable, nil))
	})
	h := c.opendir("/")
	if got := entriesOf(t, c.ask(wire.TypeReaddir, h)); len(got) != 3 {
		t.Errorf("%d entries, want 3", len(got))
	}
	c.want(codeFailure, wire.TypeReaddir, h)
	c.want(codeFailure, wire.TypeReaddir, h)
	c.close(codeOK, h)
}
