package vfstest

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// copyTests depend on Caps.Copy.
func copyTests() []suiteTest {
	return []suiteTest{
		{"G1/copy-file", copying(testCopy)},
		{"G1/copy-is-its-own", copying(testCopyApart)},
		{"G1/copy-onto-itself", copying(testCopySelf)},
		{"G1/copy-time", copying(testCopyTime)},
		{"G2/copy-canceled", copying(testCopyCanceled)},
		{"G4/copy-replaces", copying(testCopyReplaces)},
		{"G4/readers-beside-copies", copying(testReadersBesideCopies)},
		{"G7/copy-no-replace", copying(testCopyNoReplace)},
		{"G7/copy-version", copying(testCopyVersion)},
		{"G7/copy-missing", copying(testCopyMissing)},
		{"G7/copy-of-directory", copying(testCopyOfDir)},
		{"G7/copy-onto-directory", copying(testCopyOntoDir)},
		{"G7/copy-below-file", copying(testCopyBelowFile)},
		{"G9/copy-no-replace-one-wins", copying(testCopyRace)},
	}
}

// copying runs the test where the store declares Copy, and proves the refusal
// everywhere else.
func copying(test func(e *env)) func(e *env) {
	return func(e *env) {
		if e.caps.Copy {
			test(e)
			return
		}
		e.put("/file", []byte("x"))
		e.copyFails("/file", "/copy", vfs.CopyOptions{}, vfs.KindUnsupported)
	}
}

// copy copies a file and ends the test unless the copy is what Copy says.
func (e *env) copy(from, to string, o vfs.CopyOptions, content []byte) vfs.Info {
	e.Helper()
	what := fmt.Sprintf("Copy(%q, %q, %+v)", from, to, o)
	info, err := e.b.Copy(e.ctx, path(from), path(to), o)
	e.ok(err, "%s", what)
	stat := e.wantFile(to, content)
	e.wantSame(what+" against Stat", info, stat)
	return stat
}

func (e *env) copyFails(from, to string, o vfs.CopyOptions, kinds ...vfs.Kind) {
	e.Helper()
	before := e.tree()
	_, err := e.b.Copy(e.ctx, path(from), path(to), o)
	what := fmt.Sprintf("Copy(%q, %q, %+v)", from, to, o)
	e.wantKind(err, what, kinds...)
	e.wantTree(before, what)
}

func testCopy(e *env) {
	for i, size := range e.sizes() {
		content := random(uint64(i), size)
		from, to := fmt.Sprintf("/from/%d", size), fmt.Sprintf("/to/%d/deeper/file", size)
		old := e.put(from, content)
		e.copy(from, to, vfs.CopyOptions{NoReplace: i%2 == 0}, content)
		e.wantSame("the source of a copy", e.wantFile(from, content), old)
	}
}

// testCopyApart changes either of a file and its copy: the other stays.
func testCopyApart(e *env) {
	content := e.blocks(1, 2)
	e.put("/a", content)
	e.copy("/a", "/b", vfs.CopyOptions{}, content)
	e.copy("/b", "/c", vfs.CopyOptions{}, content)
	e.put("/b", []byte("other"))
	e.wantFile("/a", content)
	e.wantFile("/c", content)
	e.remove("/a", vfs.TypeFile)
	e.wantFile("/c", content)
	if e.caps.Append {
		e.copy("/c", "/d", vfs.CopyOptions{}, content)
		e.putAs("/d", vfs.CreateOptions{Mode: vfs.ModeAppend}, []byte("tail"))
		e.wantFile("/d", append(content[:len(content):len(content)], "tail"...))
		e.wantFile("/c", content)
	}
}

func testCopySelf(e *env) {
	for _, content := range [][]byte{[]byte("x"), e.blocks(1, 2), nil} {
		old := e.put("/dir/file", content)
		e.copy("/dir/file", "/dir/file", vfs.CopyOptions{Version: old.Version}, content)
		e.copyFails("/dir/file", "/dir/file", vfs.CopyOptions{NoReplace: true}, vfs.KindExist)
	}
	e.wantDir("/dir", "file")
	if e.caps.SetModTime {
		at := someTimes()[0]
		e.copy("/dir/file", "/dir/file", vfs.CopyOptions{ModTime: at}, nil)
		e.wantTime("/dir/file", nil, at)
	}
}

// testCopyTime: a copy is a new file, and has not the time of its source.
func testCopyTime(e *env) {
	content := e.blocks(1, 2)
	e.put("/file", content)
	if !e.caps.SetModTime {
		e.copy("/file", "/copy", vfs.CopyOptions{}, content)
		return
	}
	old := someTimes()[0]
	e.ok(e.b.SetModTime(e.ctx, path("/file"), old), "SetModTime")
	for _, to := range []string{"/copy", "/file"} {
		info := e.copy("/file", to, vfs.CopyOptions{}, content)
		if d := time.Since(info.ModTime).Abs(); d > time.Hour { // a store's clock may not be ours
			e.Fatalf("the time of the copy %q is %v from now", to, d)
		}
	}
	for _, at := range someTimes() {
		e.copy("/file", "/copy", vfs.CopyOptions{ModTime: at}, content)
		e.wantTime("/copy", content, at)
	}
}

// testCopyCanceled ends the context beside the call: the old content is there
// then, or the copy is, whole.
func testCopyCanceled(e *env) {
	content := e.blocks(1, 16)
	e.put("/from", content)
	for i := range 2 * rounds {
		e.put("/to", []byte("old"))
		ctx, cancel := context.WithTimeout(e.ctx, time.Duration(i)*500*time.Microsecond)
		err := e.soon("Copy beside cancel", func() error {
			_, err := e.b.Copy(ctx, path("/from"), path("/to"), vfs.CopyOptions{})
			return err
		})
		cancel()
		if err != nil {
			e.wantKind(err, "Copy beside cancel", vfs.KindCanceled, vfs.KindUnavailable)
		}
		got, _, readErr := load(e.ctx, e.b, path("/to"), vfs.OpenOptions{})
		e.ok(readErr, "reading the target of a canceled Copy")
		if err == nil || string(got) != "old" {
			e.wantBytes(got, content, "the target of a Copy")
		}
		e.wantFile("/from", content)
		e.wantDir("/", "from", "to")
	}
}

func testCopyReplaces(e *env) {
	large := e.blocks(1, 3)
	for _, c := range []struct{ from, to []byte }{
		{[]byte("new"), []byte("old")}, {large, []byte("old")}, {[]byte("new"), large}, {nil, large}, {large, nil},
	} {
		e.put("/from", c.from)
		old := e.put("/dir/to", c.to)
		info := e.copy("/from", "/dir/to", vfs.CopyOptions{}, c.from)
		if e.caps.Versions && info.Version == old.Version {
			e.Fatalf("a copy has the version %q of what it replaced", old.Version)
		}
		e.wantFile("/from", c.from)
		e.wantDir("/dir", "to")
	}
}

func testCopyNoReplace(e *env) {
	e.put("/from", []byte("from"))
	e.put("/to", []byte("to"))
	e.copyFails("/from", "/to", vfs.CopyOptions{NoReplace: true}, vfs.KindExist)
	e.copy("/from", "/free", vfs.CopyOptions{NoReplace: true}, []byte("from"))
	e.copyFails("/from", "/free", vfs.CopyOptions{NoReplace: true}, vfs.KindExist)
}

// testCopyVersion names the version that is meant, and then one that is gone.
func testCopyVersion(e *env) {
	old := e.put("/from", []byte("old"))
	e.put("/to", []byte("to"))
	e.copy("/from", "/copy", vfs.CopyOptions{Version: old.Version}, []byte("old"))
	if !e.caps.Versions {
		return // there is no version to name
	}
	e.put("/from", []byte("new"))
	for _, to := range []string{"/to", "/free", "/new/dir/file", "/from"} {
		e.copyFails("/from", to, vfs.CopyOptions{Version: old.Version}, vfs.KindConflict)
	}
	e.copy("/from", "/to", vfs.CopyOptions{Version: e.wantFile("/from", []byte("new")).Version}, []byte("new"))
	e.remove("/from", vfs.TypeFile)
	e.copyFails("/from", "/free", vfs.CopyOptions{Version: old.Version}, vfs.KindNotExist, vfs.KindConflict)
}

func testCopyMissing(e *env) {
	e.put("/dir/file", []byte("x"))
	for _, from := range []string{"/missing", "/missing/deeper", "/di"} {
		for _, to := range []string{"/other", "/new/dir/other", "/dir/file", "/missing"} {
			e.copyFails(from, to, vfs.CopyOptions{}, vfs.KindNotExist)
		}
	}
	e.copyFails("/dir/file/below", "/other", vfs.CopyOptions{}, vfs.KindNotExist)
}

func testCopyOfDir(e *env) {
	e.mkdir("/made")
	e.put("/implied/file", nil)
	e.put("/file", []byte("x"))
	for _, from := range []string{"/", "/made", "/implied"} {
		for _, to := range []string{"/other", "/file", "/made", "/implied"} {
			e.copyFails(from, to, vfs.CopyOptions{}, vfs.KindIsDir, vfs.KindNotExist)
		}
	}
}

// testCopyOntoDir: a store refuses, or holds both.
func testCopyOntoDir(e *env) {
	e.mkdir("/empty")
	e.put("/full/inner", []byte("inner"))
	e.put("/file", []byte("file"))
	for _, dir := range []string{"/empty", "/full"} {
		e.copyFails("/file", dir, vfs.CopyOptions{}, vfs.KindIsDir)
		e.copyFails("/file", dir, vfs.CopyOptions{NoReplace: true}, vfs.KindIsDir, vfs.KindExist)
		e.copyFails("/full/inner", dir, vfs.CopyOptions{}, vfs.KindIsDir)
	}
	e.copyFails("/file", "/", vfs.CopyOptions{}, vfs.KindIsDir)
}

// testCopyBelowFile: a store refuses, or holds both.
func testCopyBelowFile(e *env) {
	e.put("/file", []byte("file"))
	before := e.tree()
	_, err := e.b.Copy(e.ctx, path("/file"), path("/file/below"), vfs.CopyOptions{})
	if err != nil {
		e.wantKind(err, "a copy below a file", vfs.KindNotExist)
		e.wantTree(before, "the refusal")
		return
	}
	e.wantFile("/file/below", []byte("file"))
	e.wantFile("/file", []byte("file"))
}

// testReadersBesideCopies replaces a file by copies, and the source as well.
func testReadersBesideCopies(e *env) {
	p := path("/dir/file")
	e.put("/dir/file", e.uniform(0))
	ctx, cancel := context.WithCancel(e.ctx)
	readers := e.readAllTheTime(ctx, p, vfs.KindConflict)
	for i := range 2 * rounds {
		e.put("/from", e.uniform(i))
		e.copy("/from", "/dir/file", vfs.CopyOptions{}, e.uniform(i))
	}
	cancel()
	readers.Wait()
}

func testCopyRace(e *env) {
	for i := range 16 {
		e.put(fmt.Sprintf("/from/%d", i), e.uniform(i))
	}
	for round := range rounds / 4 {
		name := fmt.Sprintf("/dir/%d", round)
		winners, winner := e.contest(func(i int) error {
			_, err := e.b.Copy(e.ctx, path(fmt.Sprintf("/from/%d", i)), path(name), vfs.CopyOptions{NoReplace: true})
			return err
		})
		e.wantOneWinner(name, winners, winner)
	}
}
