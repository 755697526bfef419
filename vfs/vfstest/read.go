package vfstest

import (
	"bytes"
	"fmt"
	"io"
	"testing/iotest"

	"github.com/tidegate/tidegate/vfs"
)

func readTests() []suiteTest {
	return []suiteTest{
		{"G1/read-at-offset", testReadOffset},
		{"G7/read-beyond-the-end", testReadBeyond},
		{"G1/read-in-pieces", testReadPieces},
		{"G1/read-to-writer", testReadToWriter},
		{"G1/read-closed-early", testReadClosedEarly},
		{"G7/read-missing", testReadMissing},
		{"G7/read-directory", testReadDirectory},
		{"G7/read-version", testReadVersion},
		{"G8/replaced-while-read", testReplacedWhileRead},
		{"G8/removed-while-read", testRemovedWhileRead},
		{"G8/appended-while-read", appending(testAppendedWhileRead)},
	}
}

func testReadOffset(e *env) {
	content := e.blocks(1, 3)
	e.put("/file", content)
	e.put("/empty", nil)
	block := e.target.BlockSize
	for _, at := range []int{0, 1, block - 1, block, block + 1, 2*block + 5, len(content) - 1, len(content)} {
		got, info, err := load(e.ctx, e.b, path("/file"), vfs.OpenOptions{Offset: int64(at)})
		e.ok(err, "reading from %d", at)
		e.wantBytes(got, content[at:], fmt.Sprintf("reading from %d", at))
		if info.Size != int64(len(content)) {
			e.Fatalf("Info().Size of a Reader from %d is %d, want the file's %d", at, info.Size, len(content))
		}
	}
	got, _, err := load(e.ctx, e.b, path("/empty"), vfs.OpenOptions{})
	e.ok(err, "reading the empty file")
	e.wantBytes(got, nil, "the empty file")
}

func testReadBeyond(e *env) {
	e.put("/file", []byte("0123456789"))
	e.put("/empty", nil)
	for _, o := range []struct {
		name string
		at   int64
	}{{"/file", 11}, {"/file", -1}, {"/file", 1 << 60}, {"/empty", 1}, {"/empty", -1}} {
		_, err := e.b.Open(e.ctx, path(o.name), vfs.OpenOptions{Offset: o.at})
		e.wantKind(err, fmt.Sprintf("Open(%q) at %d", o.name, o.at), vfs.KindOffset)
	}
}

func testReadPieces(e *env) {
	content := e.blocks(1, 2)
	e.put("/file", content)
	r := e.open(e.ctx, "/file", vfs.OpenOptions{})
	defer e.close(r)
	head := make([]byte, 100)
	_, err := io.ReadFull(iotest.OneByteReader(r), head)
	e.ok(err, "reading byte by byte")
	rest, err := io.ReadAll(r)
	e.ok(err, "reading the rest")
	e.wantBytes(append(head, rest...), content, "the pieces")
	for range 2 {
		if n, err := r.Read(head); n != 0 || err != io.EOF {
			e.Fatalf("Read at the end = %d, %v, want 0, EOF", n, err)
		}
	}
}

// testReadToWriter goes through io.WriterTo where the Reader has it.
func testReadToWriter(e *env) {
	content := e.blocks(1, 3)
	e.put("/file", content)
	r := e.open(e.ctx, "/file", vfs.OpenOptions{Offset: 5})
	defer e.close(r)
	head := make([]byte, 5)
	_, err := io.ReadFull(r, head)
	e.ok(err, "reading the head")
	var rest bytes.Buffer
	n, err := io.Copy(&rest, r)
	e.ok(err, "copying the rest")
	if n != int64(rest.Len()) {
		e.Fatalf("copying says %d bytes and wrote %d", n, rest.Len())
	}
	e.wantBytes(append(head, rest.Bytes()...), content[5:], "head and rest")
}

// testReadClosedEarly leaves Readers before, at and after their first bytes;
// the leak check does the rest.
func testReadClosedEarly(e *env) {
	e.put("/file", e.blocks(1, 8))
	for _, n := range []int64{0, 1, int64(e.target.BlockSize) + 1} {
		r := e.open(e.ctx, "/file", vfs.OpenOptions{})
		_, err := io.CopyN(io.Discard, r, n)
		e.ok(err, "reading %d bytes", n)
		e.ok(e.soon("Close", r.Close), "Close after %d bytes", n)
	}
}

func testReadMissing(e *env) {
	e.put("/file", []byte("x"))
	for _, name := range []string{"/missing", "/missing/deeper", "/fil", "/file2"} {
		_, err := e.b.Open(e.ctx, path(name), vfs.OpenOptions{})
		e.wantKind(err, "Open of "+name, vfs.KindNotExist)
	}
	_, err := e.b.Open(e.ctx, path("/file/below"), vfs.OpenOptions{})
	e.wantKind(err, "Open below a file", vfs.KindNotExist)
}

// testReadDirectory: a store need not look whether there is a directory.
func testReadDirectory(e *env) {
	e.mkdir("/made")
	e.put("/implied/file", nil)
	for _, name := range []string{"/", "/made", "/implied"} {
		_, err := e.b.Open(e.ctx, path(name), vfs.OpenOptions{})
		e.wantKind(err, "Open of "+name, vfs.KindIsDir, vfs.KindNotExist)
	}
}

func testReadVersion(e *env) {
	first := e.put("/file", []byte("first"))
	if !e.caps.Versions {
		return // wantFile proves everywhere that there are none
	}
	got, _, err := load(e.ctx, e.b, path("/file"), vfs.OpenOptions{Version: first.Version})
	e.ok(err, "reading the version that is there")
	e.wantBytes(got, []byte("first"), "the version that is there")
	second := e.put("/file", []byte("other")) // of the same size
	if first.Version == second.Version {
		e.Fatalf("two contents have the version %q", first.Version)
	}
	_, err = e.b.Open(e.ctx, path("/file"), vfs.OpenOptions{Version: first.Version})
	e.wantKind(err, "Open of a version that is gone", vfs.KindConflict)
}

// readHalf opens a file, reads one byte, changes the file and reads the rest.
// The result must be the old content whole, or an error of one of the kinds.
func (e *env) readHalf(raw string, old []byte, change func(), kinds ...vfs.Kind) {
	e.Helper()
	r := e.open(e.ctx, raw, vfs.OpenOptions{})
	defer e.close(r)
	head := make([]byte, 1)
	_, err := io.ReadFull(r, head)
	e.ok(err, "reading the first byte")
	change()
	rest, err := io.ReadAll(r)
	got := append(head, rest...)
	if err != nil {
		e.wantKind(err, "reading on", kinds...)
		if !bytes.HasPrefix(old, got) {
			e.Fatalf("%d bytes before the error are not those of the old content", len(got))
		}
		return
	}
	e.wantBytes(got, old, "the content that was opened")
}

func testReplacedWhileRead(e *env) {
	old := e.blocks(1, 12)
	for i, size := range []int{len(old), 10, 2 * len(old), 0} {
		e.put("/file", old)
		content := random(uint64(10+i), size)
		e.readHalf("/file", old, func() { e.put("/file", content) }, vfs.KindConflict)
		e.wantFile("/file", content)
	}
	e.put("/file", old)
	e.put("/other", []byte("other"))
	e.readHalf("/file", old, func() {
		e.ok(e.b.Rename(e.ctx, path("/other"), path("/file"), vfs.RenameOptions{}), "Rename over the file")
	}, vfs.KindConflict)
	e.wantFile("/file", []byte("other"))
}

func testRemovedWhileRead(e *env) {
	old := e.blocks(1, 12)
	e.put("/file", old)
	e.readHalf("/file", old, func() {
		e.ok(e.b.Remove(e.ctx, path("/file"), vfs.TypeFile), "Remove")
	}, vfs.KindConflict, vfs.KindNotExist)
	e.wantMissing("/file")
}

func testAppendedWhileRead(e *env) {
	old := e.blocks(1, 12)
	e.put("/file", old)
	e.readHalf("/file", old, func() {
		e.putAs("/file", vfs.CreateOptions{Mode: vfs.ModeAppend}, []byte("more"))
	}, vfs.KindConflict)
	e.wantFile("/file", append(bytes.Clone(old), "more"...))
}
