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
		{"G1/time-of-new-content", timed(testTimeNow)},
		{"G7/set-time-of-no-file", timed(testSetTimeNoFile)},
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
	for _, name := range []string{"/missing", "/missing/deeper", "/implied/fil"} {
		err := e.b.SetModTime(e.ctx, path(name), time.Unix(1e9, 0))
		e.wantKind(err, "SetModTime of "+name, vfs.KindNotExist)
	}
	for _, name := range []string{"/", "/made", "/implied"} {
		err := e.b.SetModTime(e.ctx, path(name), time.Unix(1e9, 0))
		e.wantKind(err, "SetModTime of "+name, vfs.KindIsDir, vfs.KindNotExist)
	}
	e.wantTree(before, "a refused SetModTime")
}
