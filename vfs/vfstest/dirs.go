package vfstest

import (
	"github.com/tidegate/tidegate/vfs"
)

func dirTests() []suiteTest {
	return []suiteTest{
		{"G1/mkdir", testMkdir},
		{"G1/mkdir-nested", testMkdirNested},
		{"G7/mkdir-exists", testMkdirExists},
		{"G7/mkdir-over-file", testMkdirOverFile},
		{"G7/mkdir-below-file", testMkdirBelowFile},
		{"G9/keeps-parents", testKeepsParents},
	}
}

func (e *env) mkdir(raw string) {
	e.Helper()
	e.ok(e.b.Mkdir(e.ctx, path(raw)), "Mkdir(%q)", raw)
}

func (e *env) remove(raw string, want vfs.Type) {
	e.Helper()
	e.ok(e.b.Remove(e.ctx, path(raw), want), "Remove(%q, %v)", raw, want)
}

func testMkdir(e *env) {
	e.mkdir("/dir")
	e.wantDir("/dir")
	e.wantDir("/", "dir/")
	e.put("/dir/file", []byte("x"))
	e.wantDir("/dir", "file")
	e.mkdir("/dir/sub")
	e.wantDir("/dir", "file", "sub/")
	// A directory that was made stays when it is empty again.
	e.remove("/dir/file", vfs.TypeFile)
	e.remove("/dir/sub", vfs.TypeDir)
	e.wantDir("/dir")
	e.wantDir("/", "dir/")
}

func testMkdirNested(e *env) {
	e.mkdir("/a/b/c")
	e.wantDir("/", "a/")
	e.wantDir("/a", "b/")
	e.wantDir("/a/b", "c/")
	e.wantDir("/a/b/c")
}

func testMkdirExists(e *env) {
	e.mkdir("/made")
	e.mkdir("/full")
	e.put("/full/file", nil)
	e.put("/implied/file", nil)
	before := e.tree()
	for _, name := range []string{"/", "/made", "/full"} {
		e.wantKind(e.b.Mkdir(e.ctx, path(name)), "Mkdir of "+name, vfs.KindExist)
	}
	if err := e.b.Mkdir(e.ctx, path("/implied")); err != nil {
		e.wantKind(err, "Mkdir of /implied", vfs.KindExist)
	}
	e.wantTree(before, "Mkdir of what is there")
}

func testMkdirOverFile(e *env) {
	e.put("/file", []byte("x"))
	before := e.tree()
	e.wantKind(e.b.Mkdir(e.ctx, path("/file")), "Mkdir where a file is", vfs.KindExist)
	e.wantTree(before, "Mkdir where a file is")
}

// testMkdirBelowFile: a store refuses, or holds both.
func testMkdirBelowFile(e *env) {
	e.put("/file", []byte("x"))
	before := e.tree()
	if err := e.b.Mkdir(e.ctx, path("/file/below")); err != nil {
		e.wantKind(err, "Mkdir below a file", vfs.KindNotExist)
		e.wantTree(before, "the refusal")
		return
	}
	e.wantFile("/file", []byte("x"))
	e.wantDir("/file/below")
}

// testKeepsParents empties implied directories.
func testKeepsParents(e *env) {
	check := func() {
		e.Helper()
		if e.caps.KeepsParents {
			e.wantDir("/", "a/", "stays")
			e.wantDir("/a", "b/")
			e.wantDir("/a/b")
			e.remove("/a/b", vfs.TypeDir)
			e.remove("/a", vfs.TypeDir)
		}
		e.wantDir("/", "stays")
		e.wantMissing("/a")
		e.wantMissing("/a/b")
	}
	e.put("/stays", nil)
	e.put("/a/b/file", nil)
	e.remove("/a/b/file", vfs.TypeFile)
	check()
	e.put("/a/b/file", nil)
	e.ok(e.b.Rename(e.ctx, path("/a/b/file"), path("/stays"), vfs.RenameOptions{}), "Rename of the last file")
	check()
}
