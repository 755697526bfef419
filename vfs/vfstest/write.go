package vfstest

import (
	"bytes"
	"fmt"
	"io"

	"github.com/tidegate/tidegate/vfs"
)

func writeTests() []suiteTest {
	return []suiteTest{
		{"G1/empty-store", func(e *env) { e.wantDir("/") }},
		{"G1/write-sizes", testWriteSizes},
		{"G1/write-pieces", testWritePieces},
		{"G1/write-keeps-no-buffer", testWriteKeepsNoBuffer},
		{"G1/write-from-reader", testWriteFromReader},
		{"G1/write-makes-parents", testWriteMakesParents},
		{"G1/write-content-type", testContentType},
		{"G1/commit-describes-the-file", testCommitInfo},
		{"G1/replace", testReplace},
		{"G1/replace-last-commit-wins", testLastCommitWins},
		{"G1/exclusive-new", testExclusiveNew},
		{"G7/exclusive-exists", testExclusiveExists},
		{"G7/exclusive-exists-at-commit", testExclusiveExistsAtCommit},
		{"G7/create-at-root", testCreateAtRoot},
		{"G7/create-over-directory", testCreateOverDirectory},
		{"G7/create-below-file", testCreateBelowFile},
		{"G3/nothing-before-commit", testNothingBeforeCommit},
		{"G3/prepared", testPrepared},
	}
}

// sizes are those at which a store's way of writing changes.
func (e *env) sizes() []int {
	block := e.target.BlockSize
	return []int{0, 1, block - 1, block, block + 1, 2 * block, 5*block + 3}
}

func testWriteSizes(e *env) {
	for i, size := range e.sizes() {
		name := fmt.Sprintf("/size-%d", size)
		content := random(uint64(i), size)
		e.put(name, content)
		e.wantFile(name, content)
	}
}

// testWritePieces writes in pieces that fit no block.
func testWritePieces(e *env) {
	content := e.blocks(1, 3)
	for _, piece := range []int{1 + e.target.BlockSize/7, e.target.BlockSize - 1, e.target.BlockSize + 1} {
		name := fmt.Sprintf("/pieces-of-%d", piece)
		w := e.create(e.ctx, name, vfs.CreateOptions{})
		for rest := content; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
			e.write(w, rest[:min(piece, len(rest))])
			e.write(w, nil)
		}
		_, err := w.Commit(e.ctx, vfs.CommitOptions{})
		e.ok(err, "Commit of %q", name)
		e.wantFile(name, content)
	}
}

// testWriteKeepsNoBuffer changes the buffer after each Write, as io.Writer
// allows.
func testWriteKeepsNoBuffer(e *env) {
	content := e.blocks(1, 4)
	w := e.create(e.ctx, "/file", vfs.CreateOptions{})
	buf := make([]byte, e.target.BlockSize)
	for rest := content; len(rest) > 0; {
		n := copy(buf, rest)
		e.write(w, buf[:n])
		rest = rest[n:]
		clear(buf)
	}
	_, err := w.Commit(e.ctx, vfs.CommitOptions{})
	e.ok(err, "Commit")
	e.wantFile("/file", content)
}

// testWriteFromReader goes through io.ReaderFrom where the Writer has it, and
// mixes it with Write.
func testWriteFromReader(e *env) {
	content := e.blocks(1, 3)
	w := e.create(e.ctx, "/file", vfs.CreateOptions{})
	e.write(w, content[:10])
	n, err := io.Copy(w, io.MultiReader(bytes.NewReader(content[10:100]), bytes.NewReader(content[100:2000])))
	e.ok(err, "copying into the Writer")
	if n != 1990 {
		e.Fatalf("copied %d bytes, want 1990", n)
	}
	e.write(w, content[2000:])
	_, err = w.Commit(e.ctx, vfs.CommitOptions{})
	e.ok(err, "Commit")
	e.wantFile("/file", content)
}

func testWriteMakesParents(e *env) {
	e.put("/a/b/c/file", []byte("deep"))
	e.wantFile("/a/b/c/file", []byte("deep"))
	e.wantDir("/", "a/")
	e.wantDir("/a", "b/")
	e.wantDir("/a/b", "c/")
	e.wantDir("/a/b/c", "file")
}

// testContentType proves that such words are kept or ignored, never an error.
func testContentType(e *env) {
	o := vfs.CreateOptions{ContentType: "text/plain; charset=utf-8", CacheControl: "max-age=60"}
	e.putAs("/file.txt", o, []byte("text"))
	e.wantFile("/file.txt", []byte("text"))
	e.putAs("/file.txt", o, e.blocks(1, 2))
	e.wantFile("/file.txt", e.blocks(1, 2))
}

func testCommitInfo(e *env) {
	content := e.blocks(1, 1)
	info := e.put("/dir/file", content)
	e.wantSame("Commit against Stat", info, e.wantFile("/dir/file", content))
	info = e.put("/dir/file", nil)
	e.wantSame("Commit of a new version against Stat", info, e.wantFile("/dir/file", nil))
}

// testReplace makes the file longer, shorter, empty, and full again.
func testReplace(e *env) {
	for i, size := range []int{10, 3 * e.target.BlockSize, 1, 0, e.target.BlockSize + 1} {
		content := random(uint64(i), size)
		e.put("/dir/file", content)
		e.wantFile("/dir/file", content)
		e.wantDir("/dir", "file")
	}
}

func testLastCommitWins(e *env) {
	first, second := e.blocks(1, 2), e.blocks(2, 1)
	a := e.create(e.ctx, "/file", vfs.CreateOptions{})
	b := e.create(e.ctx, "/file", vfs.CreateOptions{})
	e.write(a, first)
	e.write(b, second)
	_, err := b.Commit(e.ctx, vfs.CommitOptions{})
	e.ok(err, "the first Commit")
	e.wantFile("/file", second)
	if _, err = a.Commit(e.ctx, vfs.CommitOptions{}); err != nil {
		// A store whose parts of a file belong to its name.
		e.wantKind(err, "the second Commit", vfs.KindConflict)
		e.wantFile("/file", second)
		return
	}
	e.wantFile("/file", first)
}

func testExclusiveNew(e *env) {
	e.putAs("/dir/new", vfs.CreateOptions{Mode: vfs.ModeExclusive}, []byte("new"))
	e.wantFile("/dir/new", []byte("new"))
	content := e.blocks(1, 3)
	e.putAs("/dir/large", vfs.CreateOptions{Mode: vfs.ModeExclusive}, content)
	e.wantFile("/dir/large", content)
}

func testExclusiveExists(e *env) {
	e.put("/file", []byte("old"))
	before := e.tree()
	for _, content := range [][]byte{nil, []byte("new"), e.blocks(1, 2)} {
		_, err := store(e.ctx, e.b, path("/file"), vfs.CreateOptions{Mode: vfs.ModeExclusive}, content)
		e.wantKind(err, "an exclusive file where one is", vfs.KindExist)
		e.wantTree(before, "the refusal")
	}
}

// testExclusiveExistsAtCommit lets another writer commit first. Stores that only
// look before they write do not declare Caps.ExclusiveCreate.
func testExclusiveExistsAtCommit(e *env) {
	w := e.create(e.ctx, "/file", vfs.CreateOptions{Mode: vfs.ModeExclusive})
	e.write(w, []byte("late"))
	e.put("/file", []byte("early"))
	_, err := w.Commit(e.ctx, vfs.CommitOptions{})
	if err == nil && !e.caps.ExclusiveCreate {
		e.wantFile("/file", []byte("late"))
		return
	}
	e.wantKind(err, "the second exclusive Commit", vfs.KindExist)
	e.wantFile("/file", []byte("early"))
}

func testCreateAtRoot(e *env) {
	_, err := store(e.ctx, e.b, vfs.Path{}, vfs.CreateOptions{}, []byte("x"))
	e.wantKind(err, "a file at the root", vfs.KindIsDir)
	e.wantDir("/")
}

// testCreateOverDirectory: a store refuses, or holds both.
func testCreateOverDirectory(e *env) {
	e.mkdir("/empty")
	e.put("/full/inner", []byte("inner"))
	before := e.tree()
	for _, dir := range []string{"/empty", "/full"} {
		_, err := store(e.ctx, e.b, path(dir), vfs.CreateOptions{}, []byte("file"))
		if err == nil {
			e.wantFile(dir, []byte("file"))
			e.ok(e.b.Remove(e.ctx, path(dir), vfs.TypeFile), "removing the file beside the directory %q", dir)
		} else {
			e.wantKind(err, "a file where a directory is", vfs.KindIsDir)
		}
		e.wantTree(before, "a file at "+dir)
	}
}

// testCreateBelowFile: a store refuses, or holds both.
func testCreateBelowFile(e *env) {
	e.put("/file", []byte("file"))
	before := e.tree()
	_, err := store(e.ctx, e.b, path("/file/inner/most"), vfs.CreateOptions{}, []byte("inner"))
	if err == nil {
		e.wantFile("/file", []byte("file"))
		e.wantFile("/file/inner/most", []byte("inner"))
		return
	}
	e.wantKind(err, "a file below a file", vfs.KindNotExist)
	e.wantTree(before, "the refusal")
}

// testNothingBeforeCommit looks at the whole tree while files are written, new
// ones and ones that replace.
func testNothingBeforeCommit(e *env) {
	e.put("/old/file", []byte("old"))
	before := e.tree()
	for _, name := range []string{"/old/file", "/old/new", "/new/file"} {
		content := e.blocks(1, 6)
		w := e.create(e.ctx, name, vfs.CreateOptions{})
		e.wantTree(before, "Create of "+name)
		e.write(w, content[:1])
		e.wantTree(before, "one byte for "+name)
		e.write(w, content[1:])
		e.wantTree(before, "six blocks for "+name)
		if name != "/old/file" {
			e.wantMissing(name)
		}
		w.Abort()
	}
}
