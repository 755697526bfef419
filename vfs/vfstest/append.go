package vfstest

import (
	"fmt"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/vfs"
)

// appendTests depend on Caps.Append; without it there is one test, in caps.go.
func appendTests() []suiteTest {
	return []suiteTest{
		{"G1/append", appending(testAppend)},
		{"G1/append-makes-a-file", appending(testAppendMissing)},
		{"G1/append-knows-the-old", appending(testAppendOld)},
		{"G1/append-again-and-again", appending(testAppendRepeated)},
		{"G1/append-loses-nothing", appending(testAppendRace)},
		{"G1/resume", appending(testResume)},
		{"G7/resume-at-wrong-offset", appending(testResumeWrong)},
		{"G7/append-to-directory", appending(testAppendToDirectory)},
		{"G3/append-nothing-before-commit", appending(testAppendInvisible)},
	}
}

// appending runs the test where the store declares Append, and proves the
// refusal everywhere else.
func appending(test func(e *env)) func(e *env) {
	return func(e *env) {
		if e.caps.Append {
			test(e)
			return
		}
		e.put("/file", []byte("old"))
		for _, o := range []vfs.CreateOptions{{Mode: vfs.ModeAppend}, {Mode: vfs.ModeResume, Offset: 3}} {
			_, err := store(e.ctx, e.b, path("/file"), o, []byte("new"))
			e.wantKind(err, "appending where Caps.Append is false", vfs.KindUnsupported)
		}
		e.wantFile("/file", []byte("old"))
	}
}

func testAppend(e *env) {
	for i, old := range e.sizes() {
		for j, more := range e.sizes() {
			name := fmt.Sprintf("/%d-and/%d", old, more) // a directory for a few of them, each lists it
			first, second := random(uint64(i), old), random(uint64(100+j), more)
			e.put(name, first)
			info := e.putAs(name, vfs.CreateOptions{Mode: vfs.ModeAppend}, second)
			e.wantSame("Commit against Stat", info, e.wantFile(name, slices.Concat(first, second)))
		}
	}
}

func testAppendMissing(e *env) {
	e.putAs("/new/file", vfs.CreateOptions{Mode: vfs.ModeAppend}, []byte("first"))
	e.wantFile("/new/file", []byte("first"))
	e.putAs("/new/empty", vfs.CreateOptions{Mode: vfs.ModeAppend}, nil)
	e.wantFile("/new/empty", nil)
}

// testAppendOld proves that a Writer returns what it appends to, and nothing where
// there is nothing or the store has not looked.
func testAppendOld(e *env) {
	e.put("/dir/file", []byte("0123456789"))
	e.put("/dir/empty", nil)
	for _, test := range []struct {
		name  string
		o     vfs.CreateOptions
		found bool
	}{
		{"/dir/file", vfs.CreateOptions{Mode: vfs.ModeAppend}, true},
		{"/dir/file", vfs.CreateOptions{Mode: vfs.ModeResume, Offset: 10}, true},
		{"/dir/empty", vfs.CreateOptions{Mode: vfs.ModeAppend}, true},
		{"/dir/missing", vfs.CreateOptions{Mode: vfs.ModeAppend}, false},
		{"/dir/file", vfs.CreateOptions{}, false},
	} {
		w, err := e.b.Create(e.ctx, path(test.name), test.o)
		e.ok(err, "Create of %s with %+v", test.name, test.o)
		old, found := w.Old()
		w.Abort()
		if found != test.found {
			e.Errorf("Old of %s with %+v: found is %v", test.name, test.o, found)
		}
		if found {
			want, err := e.b.Stat(e.ctx, path(test.name), vfs.TypeFile)
			e.ok(err, "Stat of %s", test.name)
			e.wantSame("Old against Stat", old, want)
		}
	}
}

func testAppendRepeated(e *env) {
	var want []byte
	for i := range 10 {
		piece := random(uint64(i), (i%3)*e.target.BlockSize/2+i)
		e.putAs("/log", vfs.CreateOptions{Mode: vfs.ModeAppend}, piece)
		want = append(want, piece...)
	}
	e.wantFile("/log", want)
}

// testAppendRace lets several append at once. A store may make them wait or
// refuse with KindConflict; what it accepted must be there, once.
func testAppendRace(e *env) {
	e.put("/log", nil)
	const writers, line = 8, 100
	var accepted [writers]bool
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			_, err := store(e.ctx, e.b, path("/log"), vfs.CreateOptions{Mode: vfs.ModeAppend}, random(uint64(i), line))
			if err != nil && vfs.KindOf(err) != vfs.KindConflict {
				e.Errorf("append: kind %v, want %v: %v", vfs.KindOf(err), vfs.KindConflict, err)
			}
			accepted[i] = err == nil
		})
	}
	group.Wait()
	got, _, err := load(e.ctx, e.b, path("/log"), vfs.OpenOptions{})
	e.ok(err, "reading the log")
	count := 0
	for i, ok := range accepted {
		if !ok {
			continue
		}
		count++
		if !slices.ContainsFunc(slices.Collect(slices.Chunk(got, line)), func(chunk []byte) bool {
			return slices.Equal(chunk, random(uint64(i), line))
		}) {
			e.Errorf("line %d was accepted and is not there", i)
		}
	}
	if count == 0 || len(got) != count*line {
		e.Errorf("%d lines were accepted, the file holds %d bytes, want %d", count, len(got), count*line)
	}
}

func testResume(e *env) {
	content := e.blocks(1, 4)
	for _, at := range []int{0, 1, e.target.BlockSize, 2*e.target.BlockSize + 5, len(content)} {
		name := fmt.Sprintf("/at-%d", at)
		e.put(name, content[:at])
		e.putAs(name, vfs.CreateOptions{Mode: vfs.ModeResume, Offset: int64(at)}, content[at:])
		e.wantFile(name, content)
	}
}

func testResumeWrong(e *env) {
	e.put("/file", []byte("0123456789"))
	before := e.tree()
	for _, offset := range []int64{0, 9, 11, -1, 1 << 60} {
		_, err := e.b.Create(e.ctx, path("/file"), vfs.CreateOptions{Mode: vfs.ModeResume, Offset: offset})
		e.wantKind(err, fmt.Sprintf("resuming 10 bytes at %d", offset), vfs.KindOffset)
	}
	for _, offset := range []int64{0, 5} {
		_, err := e.b.Create(e.ctx, path("/dir/missing"), vfs.CreateOptions{Mode: vfs.ModeResume, Offset: offset})
		e.wantKind(err, "resuming what is not there", vfs.KindOffset)
	}
	e.wantTree(before, "a refused resume")
}

func testAppendToDirectory(e *env) {
	e.mkdir("/dir")
	before := e.tree()
	_, err := store(e.ctx, e.b, path("/dir"), vfs.CreateOptions{Mode: vfs.ModeAppend}, []byte("file"))
	if err == nil { // a store that holds both
		e.wantFile("/dir", []byte("file"))
		return
	}
	e.wantKind(err, "appending to a directory", vfs.KindIsDir)
	e.wantTree(before, "the refusal")
}

func testAppendInvisible(e *env) {
	e.put("/file", e.blocks(1, 2))
	before := e.tree()
	w := e.create(e.ctx, "/file", vfs.CreateOptions{Mode: vfs.ModeAppend})
	e.write(w, e.blocks(2, 4))
	e.wantTree(before, "an append that goes on")
	w.Abort()
	e.wantTree(before, "an aborted append")
}
