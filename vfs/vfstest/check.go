package vfstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// path is MustParse under a short name.
func path(raw string) vfs.Path { return vfs.MustParse(raw) }

// random returns size bytes that depend on the seed, so that no two blocks of
// two contents are equal.
func random(seed uint64, size int) []byte {
	content := make([]byte, size)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = r.Read(content) // never fails
	return content
}

// blocks returns random content of n blocks and some bytes.
func (e *env) blocks(seed uint64, n int) []byte { return random(seed, n*e.target.BlockSize+17) }

// store writes one file as a whole and returns what Commit returned.
func store(ctx context.Context, b vfs.Backend, p vfs.Path, o vfs.CreateOptions, content []byte) (vfs.Info, error) {
	w, err := b.Create(ctx, p, o)
	if err != nil {
		return vfs.Info{}, err
	}
	defer w.Abort()
	if _, err := io.Copy(w, bytes.NewReader(content)); err != nil {
		return vfs.Info{}, err
	}
	return w.Commit(ctx, vfs.CommitOptions{})
}

// load reads one file as a whole.
func load(ctx context.Context, from vfs.Backend, p vfs.Path, o vfs.OpenOptions) (content []byte, info vfs.Info, err error) {
	r, err := from.Open(ctx, p, o)
	if err != nil {
		return nil, vfs.Info{}, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	// Of the size that is to come: the race detector makes each growth of a buffer expensive.
	b := bytes.NewBuffer(make([]byte, 0, min(max(r.Info().Size-o.Offset, 0), 64<<20)+bytes.MinRead))
	_, err = b.ReadFrom(r)
	return b.Bytes(), r.Info(), err
}

// put stores a file and fails the test when that fails.
func (e *env) put(raw string, content []byte) vfs.Info {
	e.Helper()
	return e.putAs(raw, vfs.CreateOptions{}, content)
}

func (e *env) putAs(raw string, o vfs.CreateOptions, content []byte) vfs.Info {
	e.Helper()
	info, err := store(e.ctx, e.b, path(raw), o, content)
	if err != nil {
		e.Fatalf("storing %d bytes at %q with %+v: %v", len(content), raw, o, err)
	}
	return info
}

// create begins a file that the test itself ends.
func (e *env) create(ctx context.Context, raw string, o vfs.CreateOptions) vfs.Writer {
	e.Helper()
	w, err := e.b.Create(ctx, path(raw), o)
	if err != nil {
		e.Fatalf("Create(%q, %+v): %v", raw, o, err)
	}
	e.Cleanup(w.Abort)
	return w
}

// write writes all of content in one call.
func (e *env) write(w vfs.Writer, content []byte) {
	e.Helper()
	if n, err := w.Write(content); err != nil || n != len(content) {
		e.Fatalf("Write of %d bytes = %d, %v", len(content), n, err)
	}
}

// open opens a file that the test reads in its own way.
func (e *env) open(ctx context.Context, raw string, o vfs.OpenOptions) vfs.Reader {
	e.Helper()
	r, err := e.b.Open(ctx, path(raw), o)
	if err != nil {
		e.Fatalf("Open(%q, %+v): %v", raw, o, err)
	}
	return r
}

func (e *env) close(r io.Closer) {
	e.Helper()
	if err := r.Close(); err != nil {
		e.Errorf("Close: %v", err)
	}
}

// ok ends the test when err is one.
func (e *env) ok(err error, format string, args ...any) {
	e.Helper()
	if err != nil {
		e.Fatalf("%s: %v", fmt.Sprintf(format, args...), err)
	}
}

// wantKind ends the test unless err is an *vfs.Error of one of the kinds.
func (e *env) wantKind(err error, what string, kinds ...vfs.Kind) {
	e.Helper()
	if err == nil {
		e.Fatalf("%s succeeded, want an error of kind %v", what, kinds)
	}
	if _, ok := errors.AsType[*vfs.Error](err); !ok {
		e.Fatalf("%s: %T carries no *vfs.Error: %v", what, err, err)
	}
	if got := vfs.KindOf(err); !slices.Contains(kinds, got) {
		e.Fatalf("%s: kind %v, want %v: %v", what, got, kinds, err)
	}
}

// wantFile ends the test unless Stat, List and Open agree that the file is
// there with this content.
func (e *env) wantFile(raw string, content []byte) vfs.Info {
	e.Helper()
	p := path(raw)
	return e.wantFileAmong(e.list(p.Dir()), p, content)
}

// wantFileAmong is wantFile for one of many files of a directory, which is listed once
// for all of them.
func (e *env) wantFileAmong(listed []vfs.Info, p vfs.Path, content []byte) vfs.Info {
	e.Helper()
	raw := p.String()
	stat, err := e.b.Stat(e.ctx, p, vfs.TypeFile)
	e.ok(err, "Stat(%q, file)", raw)
	if stat.Name != p.Base() || stat.Type != vfs.TypeFile || stat.Size != int64(len(content)) {
		e.Fatalf("Stat(%q) = %+v, want the file %q of %d bytes", raw, stat, p.Base(), len(content))
	}
	if (stat.Version != "") != e.caps.Versions {
		e.Fatalf("Stat(%q): Version %q, while Caps.Versions is %v", raw, stat.Version, e.caps.Versions)
	}
	any, err := e.b.Stat(e.ctx, p, vfs.TypeAny)
	e.ok(err, "Stat(%q, any)", raw)
	e.wantSame("Stat with TypeAny against TypeFile", any, stat)
	entry := entryOf(listed, p.Base(), vfs.TypeFile)
	if entry == nil {
		e.Fatalf("List(%q) does not show the file %q", p.Dir(), p.Base())
	}
	e.wantSame("List against Stat", *entry, stat)
	got, opened, err := load(e.ctx, e.b, p, vfs.OpenOptions{})
	e.ok(err, "reading %q", raw)
	e.wantSame("Reader.Info against Stat", opened, stat)
	e.wantBytes(got, content, raw)
	return stat
}

// wantSame compares two descriptions of one entry. Times may differ by what
// the store does not keep, and either may lack the MD5.
func (e *env) wantSame(what string, got, want vfs.Info) {
	e.Helper()
	if d := got.ModTime.Sub(want.ModTime).Abs(); e.caps.TimePrecision > 0 && d >= e.caps.TimePrecision {
		e.Fatalf("%s: times differ by %v: %v and %v", what, d, got.ModTime, want.ModTime)
	}
	got.ModTime, want.ModTime = time.Time{}, time.Time{}
	if got.MD5 == "" || want.MD5 == "" {
		got.MD5, want.MD5 = "", ""
	}
	if got != want {
		e.Fatalf("%s: got %+v, want %+v", what, got, want)
	}
}

// wantBytes compares contents and reports where they differ.
func (e *env) wantBytes(got, want []byte, what string) {
	e.Helper()
	if bytes.Equal(got, want) {
		return
	}
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	e.Fatalf("%s: %d bytes, want %d, equal up to byte %d", what, len(got), len(want), at)
}

// wantMissing ends the test unless nothing at all is at raw.
func (e *env) wantMissing(raw string) {
	e.Helper()
	p := path(raw)
	for _, want := range []vfs.Type{vfs.TypeAny, vfs.TypeFile, vfs.TypeDir} {
		_, err := e.b.Stat(e.ctx, p, want)
		e.wantKind(err, fmt.Sprintf("Stat(%q, %v)", raw, want), vfs.KindNotExist)
	}
	_, _, err := load(e.ctx, e.b, p, vfs.OpenOptions{})
	e.wantKind(err, fmt.Sprintf("Open(%q)", raw), vfs.KindNotExist)
	if _, err := e.b.Stat(e.ctx, p.Dir(), vfs.TypeDir); err != nil {
		e.wantKind(err, fmt.Sprintf("Stat(%q, directory)", p.Dir()), vfs.KindNotExist)
		return
	}
	listed := e.list(p.Dir())
	for _, typ := range []vfs.Type{vfs.TypeFile, vfs.TypeDir} {
		if found := entryOf(listed, p.Base(), typ); found != nil {
			e.Fatalf("List(%q) shows %+v, which is not there", p.Dir(), *found)
		}
	}
}

// wantDir ends the test unless the directory is there and holds exactly these
// entries; a directory's name ends with a slash.
func (e *env) wantDir(raw string, want ...string) {
	e.Helper()
	p := path(raw)
	var siblings []vfs.Info
	if !p.IsRoot() {
		siblings = e.list(p.Dir())
	}
	e.wantDirAmong(siblings, p, want...)
}

// wantDirAmong is wantDir for one of many directories in one directory, which is listed
// once for all of them.
func (e *env) wantDirAmong(siblings []vfs.Info, p vfs.Path, want ...string) {
	e.Helper()
	raw := p.String()
	for _, typ := range []vfs.Type{vfs.TypeDir, vfs.TypeAny} {
		info, err := e.b.Stat(e.ctx, p, typ)
		e.ok(err, "Stat(%q, %v)", raw, typ)
		if info.Name != p.Base() || info.Type != vfs.TypeDir || info.Size != 0 {
			e.Fatalf("Stat(%q, %v) = %+v, want the directory %q", raw, typ, info, p.Base())
		}
	}
	if !p.IsRoot() && entryOf(siblings, p.Base(), vfs.TypeDir) == nil {
		e.Fatalf("List(%q) does not show the directory %q", p.Dir(), p.Base())
	}
	slices.Sort(want)
	if diff := cmp.Diff(e.names(raw), append([]string{}, want...)); diff != "" {
		e.Fatalf("List(%q), got -, want +:\n%s", raw, diff)
	}
}

// entryOf returns the entry of a listing with this name and type, nil when there is none.
func entryOf(listed []vfs.Info, name string, typ vfs.Type) *vfs.Info {
	for i := range listed {
		if listed[i].Name == name && listed[i].Type == typ {
			return &listed[i]
		}
	}
	return nil
}

// names returns the sorted entries of a directory, directories with a slash.
func (e *env) names(raw string) []string {
	e.Helper()
	names := []string{}
	for _, info := range e.list(path(raw)) {
		name := info.Name
		if info.IsDir() {
			name += "/"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// list returns the entries of a directory and checks what holds for all: names
// that a Path can hold, a type, and each once.
func (e *env) list(p vfs.Path) []vfs.Info {
	e.Helper()
	type key struct {
		name string
		typ  vfs.Type
	}
	seen := map[key]bool{}
	var all []vfs.Info
	for info, err := range e.b.List(e.ctx, p) {
		e.ok(err, "List(%q)", p)
		if _, err := p.Child(info.Name); err != nil {
			e.Fatalf("List(%q) yields the name %q: %v", p, info.Name, err)
		}
		if info.Type != vfs.TypeFile && info.Type != vfs.TypeDir {
			e.Fatalf("List(%q) yields %q as %v", p, info.Name, info.Type)
		}
		k := key{info.Name, info.Type}
		if seen[k] {
			e.Fatalf("List(%q) yields %q twice", p, info.Name)
		}
		seen[k] = true
		all = append(all, info)
	}
	return all
}

// tree returns everything that a client can see: each path with what it is.
// Two trees are compared to prove that an operation left no trace.
func (e *env) tree() map[string]string {
	e.Helper()
	all := map[string]string{}
	todo := []vfs.Path{{}}
	for len(todo) > 0 {
		dir := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, info := range e.list(dir) {
			p, err := dir.Child(info.Name)
			e.ok(err, "%q in %q", info.Name, dir)
			if info.IsDir() {
				all[p.String()+"/"] = "directory"
				todo = append(todo, p)
				continue
			}
			content, _, err := load(e.ctx, e.b, p, vfs.OpenOptions{})
			e.ok(err, "reading %q", p)
			all[p.String()] = fmt.Sprintf("%d bytes, CRC %08x, version %s", len(content), crc32.ChecksumIEEE(content), info.Version)
		}
	}
	return all
}

// wantTree ends the test unless the tree is as it was.
func (e *env) wantTree(before map[string]string, after string) {
	e.Helper()
	if diff := cmp.Diff(e.tree(), before); diff != "" {
		e.Fatalf("%s left a trace, got -, want +:\n%s", after, diff)
	}
}

// soon returns what f returns and ends the test when that takes too long.
func (e *env) soon(what string, f func() error) error {
	e.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	limit := patience.Limit()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		stacks := slices.Collect(maps.Values(leak.Stacks()))
		e.Fatalf("G6: %s did not end within %v\n\n%s", what, limit, strings.Join(stacks, "\n\n"))
		return nil
	}
}

// wantCanceled ends the test unless f returns soon and with KindCanceled.
func (e *env) wantCanceled(what string, f func() error) {
	e.Helper()
	e.wantKind(e.soon(what, f), what, vfs.KindCanceled)
}
