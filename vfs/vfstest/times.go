package vfstest

import (
	"fmt"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// timeTests depend on Caps.SetModTime.
func timeTests() []suiteTest {
	return []suiteTest{
		{"G1/commit-keeps-the-time", timed(testCommitTime)},
		{"G1/set-time", timed(testSetTime)},
		{"G1/far-time", timed(testFarTime)},
		{"G1/time-of-new-content", timed(testTimeNow)},
		{"G7/set-time-of-no-file", timed(testSetTimeNoFile)},
		{"G1/set-time-of-directory", timed(testSetTimeDir)},
		{"G1/time-of-made-directory", testTimeOfDir},
		{"G1/set-time-by-a-directory's-path", timed(testSetTimeOnlyDir)},
	}
}

// timed runs the test where the store declares SetModTime, and proves the
// refusal everywhere else.
func timed(test func(e *env)) func(e *env) {
	return func(e *env) {
		if e.caps.SetModTime {
			test(e)
			return
		}
		info := e.put("/file", []byte("x"))
		err := e.b.SetModTime(e.ctx, path("/file"), time.Unix(1e9, 0))
		e.wantKind(err, "SetModTime where Caps.SetModTime is false", vfs.KindUnsupported)
		e.wantSame("Stat after a refused SetModTime", e.wantFile("/file", []byte("x")), info)
	}
}

func someTimes() []time.Time {
	return []time.Time{
		time.Date(2001, 2, 3, 4, 5, 6, 789012345, time.UTC),
		time.Date(2026, 7, 1, 23, 59, 59, 999999999, time.FixedZone("east", 5*3600)),
		time.Date(1985, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2037, 12, 31, 0, 0, 0, 1, time.UTC),
	}
}

func (e *env) wantTime(raw string, content []byte, want time.Time) {
	e.Helper()
	got := e.wantFile(raw, content).ModTime // wantFile compares List and Open
	if d := got.Sub(want).Abs(); d >= e.caps.TimePrecision {
		e.Fatalf("%q has the time %v, want %v", raw, got, want)
	}
}

func testCommitTime(e *env) {
	for i, t := range someTimes() {
		for _, content := range [][]byte{[]byte("small"), e.blocks(1, 2), nil} {
			w := e.create(e.ctx, "/dir/file", vfs.CreateOptions{})
			e.write(w, content)
			info, err := w.Commit(e.ctx, vfs.CommitOptions{ModTime: t})
			e.ok(err, "Commit with the time %v", t)
			e.wantTime("/dir/file", content, t)
			e.wantSame(fmt.Sprintf("Commit %d against Stat", i), info, e.wantFile("/dir/file", content))
		}
	}
}

func testSetTime(e *env) {
	content := e.blocks(1, 2)
	e.put("/dir/file", content)
	for _, t := range someTimes() {
		e.ok(e.b.SetModTime(e.ctx, path("/dir/file"), t), "SetModTime(%v)", t)
		e.wantTime("/dir/file", content, t)
	}
	t := someTimes()[0]
	e.ok(e.b.SetModTime(e.ctx, path("/dir/file"), t), "SetModTime(%v)", t)
	e.rename("/dir/file", "/moved", vfs.RenameOptions{})
	e.wantTime("/moved", content, t)
}

// testFarTime: a time that the store cannot keep is refused, and never becomes another.
func testFarTime(e *env) {
	before := e.put("/file", []byte("x"))
	for _, t := range []time.Time{time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)} {
		if err := e.b.SetModTime(e.ctx, path("/file"), t); err != nil {
			e.wantKind(err, fmt.Sprintf("SetModTime(%v)", t), vfs.KindInvalid)
			e.wantSame("Stat after a refused SetModTime", e.wantFile("/file", []byte("x")), before)
			continue
		}
		e.wantTime("/file", []byte("x"), t)
		e.ok(e.b.SetModTime(e.ctx, path("/file"), before.ModTime), "SetModTime")
	}
}

// testTimeNow: new content has a new time, also where a client set the old
// one. An hour allows for a store whose clock is not ours.
func testTimeNow(e *env) {
	e.put("/file", []byte("old"))
	e.ok(e.b.SetModTime(e.ctx, path("/file"), someTimes()[0]), "SetModTime")
	e.put("/file", []byte("new"))
	if d := time.Since(e.wantFile("/file", []byte("new")).ModTime).Abs(); d > time.Hour {
		e.Fatalf("the time of a new file is %v from now", d)
	}
}

func testSetTimeNoFile(e *env) {
	e.mkdir("/made")
	e.put("/implied/file", nil)
	before := e.tree()
	for _, name := range []string{"/missing", "/missing/deeper", "/implied/fil", "/implied/file/below"} {
		err := e.b.SetModTime(e.ctx, path(name), time.Unix(1e9, 0))
		e.wantKind(err, "SetModTime of "+name, vfs.KindNotExist)
	}
	e.wantKind(e.b.SetModTime(e.ctx, path("/"), time.Unix(1e9, 0)), "SetModTime of the root", vfs.KindIsDir)
	for _, name := range []string{"/made", "/implied"} {
		if err := e.b.SetModTime(e.ctx, path(name), time.Unix(1e9, 0)); err != nil {
			e.wantKind(err, "SetModTime of "+name, vfs.KindIsDir, vfs.KindNotExist)
		}
	}
	e.wantTree(before, "SetModTime of directories")
}

// testSetTimeDir sets the time of directories that were made. A new entry may
// change it, a rename does not.
func testSetTimeDir(e *env) {
	if !e.caps.DirTimes {
		e.mkdir("/made")
		if err := e.b.SetModTime(e.ctx, path("/made"), someTimes()[0]); err != nil {
			e.wantKind(err, "SetModTime of a directory where Caps.DirTimes is false", vfs.KindIsDir)
			return
		}
		info, err := e.b.Stat(e.ctx, path("/made"), vfs.TypeDir)
		e.ok(err, "Stat")
		if d := info.ModTime.Sub(someTimes()[0]).Abs(); d >= e.caps.TimePrecision {
			e.Fatalf("SetModTime of a directory succeeded, and Stat says %v", info.ModTime)
		}
		return
	}
	e.mkdir("/empty")
	e.mkdir("/full")
	e.put("/full/file", []byte("x"))
	want := map[string]time.Time{}
	check := func() {
		e.Helper()
		for name, t := range want {
			e.wantDirTime(name, t)
		}
	}
	for i, t := range someTimes() {
		for _, name := range []string{"/empty", "/full"} {
			want[name] = t.Add(time.Duration(i) * time.Minute)
			e.ok(e.b.SetModTime(e.ctx, path(name), want[name]), "SetModTime(%q)", name)
		}
		check()
	}
	e.wantDir("/empty")
	e.wantDir("/full", "file")
	if !e.caps.RenameDir {
		return
	}
	for _, name := range []string{"/empty", "/full"} {
		e.rename(name, name+"-moved", vfs.RenameOptions{})
		want[name+"-moved"] = want[name]
		delete(want, name)
	}
	check()
}

// testSetTimeOnlyDir sets times through a View, by paths that can only name a
// directory.
func testSetTimeOnlyDir(e *env) {
	v, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: e.b}}, Allow: vfs.PermAll})
	e.ok(err, "NewView")
	set := func(raw string, t time.Time) error {
		p, err := vfs.ParsePath(vfs.Path{}, raw)
		e.ok(err, "ParsePath(%q)", raw)
		return v.SetModTime(e.ctx, p, t)
	}
	e.mkdir("/made")
	file := e.put("/made/file", []byte("x"))
	for _, end := range []string{"/", "//", "/.", "/x/.."} {
		e.wantKind(set("/made/file"+end, someTimes()[0]), "SetModTime of a file with "+end, vfs.KindNotDir)
		e.wantKind(set("/missing"+end, someTimes()[0]), "SetModTime of nothing with "+end, vfs.KindNotExist)
	}
	e.wantSame("Stat after the refusals", e.wantFile("/made/file", []byte("x")), file)
	for i, end := range []string{"/", "//", "/.", "/x/.."} {
		t := someTimes()[0].Add(time.Duration(i) * time.Minute)
		err := set("/made"+end, t)
		if !e.caps.DirTimes {
			continue // as without the slash: testSetTimeDir
		}
		e.ok(err, "SetModTime of a directory with %s", end)
		e.wantDirTime("/made", t)
	}
	e.wantSame("Stat after all", e.wantFile("/made/file", []byte("x")), file)
}

// wantDirTime ends the test unless Stat and List agree on the directory's time.
func (e *env) wantDirTime(raw string, want time.Time) {
	e.Helper()
	got := map[string]time.Time{"List": entryOf(e.list(path(raw).Dir()), path(raw).Base(), vfs.TypeDir).ModTime}
	for _, typ := range []vfs.Type{vfs.TypeDir, vfs.TypeAny} {
		info, err := e.b.Stat(e.ctx, path(raw), typ)
		e.ok(err, "Stat(%q, %v)", raw, typ)
		got["Stat of "+typ.String()] = info.ModTime
	}
	for what, t := range got {
		if d := t.Sub(want).Abs(); d >= e.caps.TimePrecision {
			e.Fatalf("%s: the directory %q has the time %v, want %v", what, raw, t, want)
		}
	}
}

// testTimeOfDir: where directories have a time, a new one has that of now.
func testTimeOfDir(e *env) {
	if !e.caps.DirTimes {
		return
	}
	e.mkdir("/made")
	info, err := e.b.Stat(e.ctx, path("/made"), vfs.TypeAny)
	e.ok(err, "Stat")
	if d := time.Since(info.ModTime).Abs(); d > time.Hour { // a store's clock may not be ours
		e.Fatalf("the time of a new directory is %v from now", d)
	}
	e.wantDirTime("/made", info.ModTime)
}
