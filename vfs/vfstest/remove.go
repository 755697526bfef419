package vfstest

import (
	"fmt"

	"github.com/tidegate/tidegate/vfs"
)

func removeTests() []suiteTest {
	return []suiteTest{
		{"G1/remove-file", testRemoveFile},
		{"G1/remove-directory", testRemoveDir},
		{"G1/remove-and-make-again", testRemoveAgain},
		{"G7/remove-missing", testRemoveMissing},
		{"G7/remove-other-type", testRemoveOtherType},
		{"G7/remove-full-directory", testRemoveFull},
		{"G7/remove-root", testRemoveRoot},
	}
}

func testRemoveFile(e *env) {
	e.put("/dir/one", []byte("1"))
	e.put("/dir/two", []byte("2"))
	e.remove("/dir/one", vfs.TypeFile)
	e.wantMissing("/dir/one")
	e.wantDir("/dir", "two")
	e.wantFile("/dir/two", []byte("2"))
	large := e.blocks(1, 3)
	e.put("/dir/one", large)
	e.wantFile("/dir/one", large)
	e.remove("/dir/one", vfs.TypeFile)
	e.wantMissing("/dir/one")
}

func testRemoveDir(e *env) {
	e.mkdir("/a/b")
	e.mkdir("/ab")
	e.remove("/a/b", vfs.TypeDir)
	e.wantMissing("/a/b")
	e.wantDir("/ab")
}

func testRemoveAgain(e *env) {
	for range 3 {
		e.mkdir("/name")
		e.wantDir("/name")
		e.remove("/name", vfs.TypeDir)
		e.wantMissing("/name")
		e.put("/name", []byte("x"))
		e.wantFile("/name", []byte("x"))
		e.remove("/name", vfs.TypeFile)
		e.wantMissing("/name")
	}
}

func testRemoveMissing(e *env) {
	e.put("/dir/file", nil)
	for _, name := range []string{"/missing", "/dir/missing", "/di", "/dir/fil", "/missing/deeper"} {
		for _, want := range []vfs.Type{vfs.TypeFile, vfs.TypeDir} {
			e.wantKind(e.b.Remove(e.ctx, path(name), want), fmt.Sprintf("Remove(%q, %v)", name, want), vfs.KindNotExist)
		}
	}
	for _, want := range []vfs.Type{vfs.TypeFile, vfs.TypeDir} {
		err := e.b.Remove(e.ctx, path("/dir/file/below"), want)
		e.wantKind(err, "Remove below a file", vfs.KindNotExist)
	}
	e.wantFile("/dir/file", nil)
}

func testRemoveOtherType(e *env) {
	e.put("/full/file", []byte("x"))
	e.mkdir("/empty")
	before := e.tree()
	e.wantKind(e.b.Remove(e.ctx, path("/full/file"), vfs.TypeDir), "Remove of a file as a directory", vfs.KindNotDir)
	e.wantKind(e.b.Remove(e.ctx, path("/empty"), vfs.TypeFile), "Remove of a directory as a file", vfs.KindIsDir)
	e.wantKind(e.b.Remove(e.ctx, path("/full"), vfs.TypeFile), "Remove of a full directory as a file", vfs.KindIsDir)
	e.wantTree(before, "a refused Remove")
}

func testRemoveFull(e *env) {
	e.mkdir("/made")
	e.put("/made/file", []byte("x"))
	e.put("/implied/file", []byte("x"))
	e.mkdir("/holds-directory/empty")
	e.put("/deep/a/b/file", nil)
	before := e.tree()
	for _, name := range []string{"/made", "/implied", "/holds-directory", "/deep", "/deep/a"} {
		e.wantKind(e.b.Remove(e.ctx, path(name), vfs.TypeDir), "Remove of "+name, vfs.KindNotEmpty)
	}
	e.wantTree(before, "a refused Remove")
}

// testRemoveRoot: the root always exists; the contract leaves the kind open.
func testRemoveRoot(e *env) {
	for range 2 {
		err := e.b.Remove(e.ctx, vfs.Path{}, vfs.TypeDir)
		e.wantKind(err, "Remove of the root", vfs.KindPermission, vfs.KindInvalid, vfs.KindNotEmpty)
		_, err = e.b.Stat(e.ctx, vfs.Path{}, vfs.TypeDir)
		e.ok(err, "Stat of the root")
		e.put("/file", []byte("x"))
		e.wantFile("/file", []byte("x"))
	}
}
