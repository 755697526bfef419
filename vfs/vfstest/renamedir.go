package vfstest

import (
	"github.com/tidegate/tidegate/vfs"
)

// renameDirTests depend on Caps.RenameDir.
func renameDirTests() []suiteTest {
	return []suiteTest{
		{"G1/rename-directory", renamingDirs(testRenameDir)},
		{"G1/rename-empty-directory", renamingDirs(testRenameEmptyDir)},
		{"G1/rename-implied-directory", renamingDirs(testRenameImpliedDir)},
		{"G1/rename-large-directory", renamingDirs(testRenameLargeDir)},
		{"G7/rename-directory-onto-something", renamingDirs(testRenameDirOnto)},
		{"G7/rename-directory-below-itself", renamingDirs(testRenameDirBelow)},
		{"G7/rename-want-directory", testRenameWantDir},
	}
}

// renamingDirs runs the test where the store declares RenameDir, and proves
// the refusal everywhere else.
func renamingDirs(test func(e *env)) func(e *env) {
	return func(e *env) {
		if e.caps.RenameDir {
			test(e)
			return
		}
		e.mkdir("/empty")
		e.put("/full/file", []byte("x"))
		e.renameFails("/empty", "/other", vfs.RenameOptions{}, vfs.KindUnsupported)
		e.renameFails("/full", "/other", vfs.RenameOptions{}, vfs.KindUnsupported)
	}
}

func testRenameDir(e *env) {
	e.mkdir("/from")
	e.put("/from/file", []byte("1"))
	e.put("/from/a/b/file", e.blocks(1, 2))
	e.mkdir("/from/empty")
	e.put("/from2", []byte("a neighbour"))
	e.rename("/from", "/new/to", vfs.RenameOptions{})
	e.wantMissing("/from")
	e.wantDir("/", "from2", "new/")
	e.wantDir("/new", "to/")
	e.wantDir("/new/to", "file", "a/", "empty/")
	e.wantDir("/new/to/empty")
	e.wantFile("/new/to/file", []byte("1"))
	e.wantFile("/new/to/a/b/file", e.blocks(1, 2))
	e.rename("/new/to", "/from", vfs.RenameOptions{NoReplace: true})
	e.wantFile("/from/a/b/file", e.blocks(1, 2))
}

func testRenameEmptyDir(e *env) {
	e.mkdir("/from")
	e.rename("/from", "/to", vfs.RenameOptions{})
	e.wantDir("/", "to/")
	e.wantDir("/to")
	e.wantMissing("/from")
	e.remove("/to", vfs.TypeDir)
}

// testRenameImpliedDir moves an implied directory.
func testRenameImpliedDir(e *env) {
	e.put("/from/file", []byte("x"))
	e.rename("/from", "/to", vfs.RenameOptions{})
	e.wantDir("/", "to/")
	e.wantFile("/to/file", []byte("x"))
	e.wantMissing("/from")
}

func testRenameLargeDir(e *env) {
	names := e.fill("/from", "f", e.target.PageSize+5)
	e.rename("/from", "/to", vfs.RenameOptions{})
	e.wantDir("/to", names...)
	e.wantDir("/", "to/")
	e.wantFile("/to/"+names[len(names)-1], []byte("x"))
}

func testRenameDirOnto(e *env) {
	e.mkdir("/empty")
	e.mkdir("/made")
	e.put("/full/file", []byte("full"))
	e.put("/from/file", []byte("from"))
	e.put("/file", []byte("file"))
	for _, o := range []vfs.RenameOptions{{}, {NoReplace: true}} {
		for _, from := range []string{"/made", "/from"} {
			for _, to := range []string{"/empty", "/full", "/file", "/"} {
				e.renameFails(from, to, o, vfs.KindExist)
			}
			e.renameFails(from, from, o, vfs.KindExist, vfs.KindInvalid)
		}
	}
	// Below a file there is no place, unless the store holds both.
	if err := e.b.Rename(e.ctx, path("/from"), path("/file/below"), vfs.RenameOptions{}); err != nil {
		e.wantKind(err, "Rename of a directory below a file", vfs.KindNotExist)
		e.wantFile("/from/file", []byte("from"))
	} else {
		e.wantFile("/file/below/file", []byte("from"))
	}
	e.wantFile("/file", []byte("file"))
}

// testRenameWantDir: what must be a directory is not moved as a file.
func testRenameWantDir(e *env) {
	e.put("/file", []byte("file"))
	e.put("/dir/file", []byte("below"))
	o := vfs.RenameOptions{WantDir: true}
	e.renameFails("/file", "/new", o, vfs.KindNotDir)
	e.renameFails("/file", "/dir/file", o, vfs.KindNotDir)
	e.renameFails("/missing", "/new", o, vfs.KindNotExist)
	e.renameFails("/file/below", "/new", o, vfs.KindNotExist)
	if e.caps.RenameDir {
		e.rename("/dir", "/moved", o)
		e.wantFile("/moved/file", []byte("below"))
		e.wantMissing("/dir")
	}
}

func testRenameDirBelow(e *env) {
	e.put("/dir/sub/file", []byte("x"))
	for _, to := range []string{"/dir/new", "/dir/sub/new", "/dir/sub/file/new"} {
		e.renameFails("/dir", to, vfs.RenameOptions{}, vfs.KindInvalid)
	}
	e.renameFails("/", "/dir/new", vfs.RenameOptions{}, vfs.KindInvalid)
	e.rename("/dir", "/dir2", vfs.RenameOptions{})
	e.wantFile("/dir2/sub/file", []byte("x"))
}
