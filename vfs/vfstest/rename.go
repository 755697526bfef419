package vfstest

import (
	"fmt"

	"github.com/tidegate/tidegate/vfs"
)

func renameTests() []suiteTest {
	return []suiteTest{
		{"G1/rename-file", testRename},
		{"G1/rename-across-directories", testRenameAcross},
		{"G4/rename-replaces", testRenameReplaces},
		{"G1/rename-onto-itself", testRenameSelf},
		{"G7/rename-no-replace", testRenameNoReplace},
		{"G7/rename-version", testRenameVersion},
		{"G7/rename-missing", testRenameMissing},
		{"G7/rename-onto-directory", testRenameOntoDir},
		{"G7/rename-below-file", testRenameBelowFile},
	}
}

func (e *env) rename(from, to string, o vfs.RenameOptions) {
	e.Helper()
	e.ok(e.b.Rename(e.ctx, path(from), path(to), o), "Rename(%q, %q, %+v)", from, to, o)
}

func (e *env) renameFails(from, to string, o vfs.RenameOptions, kinds ...vfs.Kind) {
	e.Helper()
	before := e.tree()
	err := e.b.Rename(e.ctx, path(from), path(to), o)
	what := fmt.Sprintf("Rename(%q, %q, %+v)", from, to, o)
	e.wantKind(err, what, kinds...)
	e.wantTree(before, what)
}

func testRename(e *env) {
	for i, size := range e.sizes() {
		content := random(uint64(i), size)
		from, to := fmt.Sprintf("/dir/from-%d", size), fmt.Sprintf("/dir/to-%d", size)
		old := e.put(from, content)
		e.rename(from, to, vfs.RenameOptions{NoReplace: i%2 == 0})
		e.wantMissing(from)
		info := e.wantFile(to, content)
		if d := info.ModTime.Sub(old.ModTime).Abs(); e.caps.SetModTime && d >= e.caps.TimePrecision {
			e.Fatalf("Rename changed the modification time by %v", d)
		}
	}
}

func testRenameAcross(e *env) {
	e.put("/from/file", []byte("moved"))
	e.put("/from/stays", nil)
	e.rename("/from/file", "/new/deeper/file", vfs.RenameOptions{})
	e.wantDir("/from", "stays")
	e.wantDir("/new", "deeper/")
	e.wantFile("/new/deeper/file", []byte("moved"))
	e.rename("/new/deeper/file", "/file", vfs.RenameOptions{NoReplace: true})
	e.wantFile("/file", []byte("moved"))
}

func testRenameReplaces(e *env) {
	large := e.blocks(1, 3)
	for _, c := range []struct{ from, to []byte }{
		{[]byte("new"), []byte("old")}, {large, []byte("old")}, {[]byte("new"), large}, {nil, large}, {large, nil},
	} {
		e.put("/from", c.from)
		e.put("/dir/to", c.to)
		e.rename("/from", "/dir/to", vfs.RenameOptions{})
		e.wantMissing("/from")
		e.wantFile("/dir/to", c.from)
		e.wantDir("/dir", "to")
	}
}

func testRenameSelf(e *env) {
	e.put("/dir/file", []byte("x"))
	e.rename("/dir/file", "/dir/file", vfs.RenameOptions{})
	e.wantFile("/dir/file", []byte("x"))
	e.renameFails("/dir/file", "/dir/file", vfs.RenameOptions{NoReplace: true}, vfs.KindExist)
}

func testRenameNoReplace(e *env) {
	e.put("/from", []byte("from"))
	e.put("/to", []byte("to"))
	e.renameFails("/from", "/to", vfs.RenameOptions{NoReplace: true}, vfs.KindExist)
	e.rename("/from", "/free", vfs.RenameOptions{NoReplace: true})
	e.wantFile("/free", []byte("from"))
	e.wantMissing("/from")
}

// testRenameVersion renames with the present version, and then with an old one.
func testRenameVersion(e *env) {
	old := e.put("/from", []byte("old"))
	e.put("/to", []byte("to"))
	e.rename("/from", "/moved", vfs.RenameOptions{Version: old.Version})
	e.wantFile("/moved", []byte("old"))
	if !e.caps.Versions {
		return // there is no version to name
	}
	old = e.put("/from", []byte("old"))
	e.put("/from", []byte("new"))
	for _, to := range []string{"/to", "/free", "/new/dir/file"} {
		e.renameFails("/from", to, vfs.RenameOptions{Version: old.Version}, vfs.KindConflict)
	}
	e.rename("/from", "/to", vfs.RenameOptions{Version: e.wantFile("/from", []byte("new")).Version})
	e.wantFile("/to", []byte("new"))
	e.renameFails("/from", "/free", vfs.RenameOptions{Version: old.Version}, vfs.KindNotExist, vfs.KindConflict)
}

func testRenameMissing(e *env) {
	e.put("/dir/file", []byte("x"))
	e.renameFails("/missing", "/other", vfs.RenameOptions{}, vfs.KindNotExist)
	e.renameFails("/missing", "/new/dir/other", vfs.RenameOptions{}, vfs.KindNotExist)
	e.renameFails("/missing/deeper", "/other", vfs.RenameOptions{}, vfs.KindNotExist)
	e.renameFails("/missing", "/dir/file", vfs.RenameOptions{}, vfs.KindNotExist)
	e.renameFails("/di", "/other", vfs.RenameOptions{}, vfs.KindNotExist)
	e.renameFails("/dir/file/below", "/other", vfs.RenameOptions{}, vfs.KindNotExist)
}

// testRenameOntoDir: every store refuses, also one that can hold a file and a directory of
// one name.
func testRenameOntoDir(e *env) {
	e.mkdir("/empty")
	e.put("/full/inner", []byte("inner"))
	e.put("/file", []byte("file"))
	for _, dir := range []string{"/empty", "/full"} {
		e.renameFails("/file", dir, vfs.RenameOptions{}, vfs.KindIsDir)
		e.renameFails("/file", dir, vfs.RenameOptions{Version: e.wantFile("/file", []byte("file")).Version}, vfs.KindIsDir)
		e.renameFails("/file", dir, vfs.RenameOptions{NoReplace: true}, vfs.KindIsDir, vfs.KindExist)
		e.renameFails("/full/inner", dir, vfs.RenameOptions{}, vfs.KindIsDir)
	}
	e.wantDir("/empty")
	e.wantDir("/full", "inner")
	e.renameFails("/file", "/", vfs.RenameOptions{}, vfs.KindIsDir)
}

// testRenameBelowFile: a store refuses, or holds both.
func testRenameBelowFile(e *env) {
	e.put("/file", []byte("file"))
	e.put("/other", []byte("other"))
	before := e.tree()
	for _, from := range []string{"/other", "/file"} {
		err := e.b.Rename(e.ctx, path(from), path("/file/below"), vfs.RenameOptions{})
		if err != nil {
			e.wantKind(err, "Rename of "+from+" below a file", vfs.KindNotExist)
			e.wantTree(before, "the refusal")
			continue
		}
		e.wantFile("/file/below", []byte(from[1:]))
		// If the file has left its own name, that name is a directory now.
		e.rename("/file/below", "/aside", vfs.RenameOptions{})
		e.rename("/aside", from, vfs.RenameOptions{})
	}
	e.wantFile("/file", []byte("file"))
	e.wantFile("/other", []byte("other"))
}
