package vfstest

import (
	"context"
	"io"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

func cancelTests() []suiteTest {
	return []suiteTest{
		{"G6/canceled-before", testCanceledBefore},
		{"G6/deadline-before", testDeadlineBefore},
		{"G6/canceled-while-reading", testCanceledReading},
		{"G6/canceled-while-writing", testCanceledWriting},
		{"G6/canceled-while-listing", testCanceledListing},
	}
}

// testEnded calls everything with a context that has ended.
func testEnded(ctx context.Context, e *env) {
	e.put("/file", []byte("x"))
	e.mkdir("/dir")
	before := e.tree()
	calls := []struct {
		name string
		call func() error
	}{
		{"Stat", func() error { _, err := e.b.Stat(ctx, path("/file"), vfs.TypeAny); return err }},
		{"Open", func() error { _, _, err := load(ctx, e.b, path("/file"), vfs.OpenOptions{}); return err }},
		{"Create", func() error { _, err := store(ctx, e.b, path("/file"), vfs.CreateOptions{}, nil); return err }},
		{"Create of a new file", func() error {
			_, err := store(ctx, e.b, path("/new/file"), vfs.CreateOptions{}, []byte("x"))
			return err
		}},
		{"Mkdir", func() error { return e.b.Mkdir(ctx, path("/other")) }},
		{"Remove of a file", func() error { return e.b.Remove(ctx, path("/file"), vfs.TypeFile) }},
		{"Remove of a directory", func() error { return e.b.Remove(ctx, path("/dir"), vfs.TypeDir) }},
		{"Rename", func() error { return e.b.Rename(ctx, path("/file"), path("/other"), vfs.RenameOptions{}) }},
	}
	for _, c := range calls {
		e.wantCanceled(c.name+" with an ended context", c.call)
		e.wantTree(before, c.name+" with an ended context")
	}
	_ = e.wantListEnds(ctx, "/", vfs.KindCanceled)
	if e.caps.SetModTime {
		e.wantCanceled("SetModTime with an ended context", func() error {
			return e.b.SetModTime(ctx, path("/file"), time.Unix(1e9, 0))
		})
	}
	if e.caps.Copy {
		e.wantCanceled("Copy with an ended context", func() error {
			_, err := e.b.Copy(ctx, path("/file"), path("/other"), vfs.CopyOptions{})
			return err
		})
	}
	if e.caps.RenameDir {
		e.wantCanceled("Rename of a directory with an ended context", func() error {
			return e.b.Rename(ctx, path("/dir"), path("/other"), vfs.RenameOptions{})
		})
	}
	e.wantTree(before, "an ended context")
}

func testCanceledBefore(e *env) {
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	testEnded(ctx, e)
}

func testDeadlineBefore(e *env) {
	ctx, cancel := context.WithDeadline(e.ctx, time.Unix(1e9, 0))
	defer cancel()
	testEnded(ctx, e)
}

func testCanceledReading(e *env) {
	e.put("/file", e.blocks(1, 16))
	for _, n := range []int64{0, 1, int64(e.target.BlockSize)} {
		ctx, cancel := context.WithCancel(e.ctx)
		r := e.open(ctx, "/file", vfs.OpenOptions{})
		_, err := io.CopyN(io.Discard, r, n)
		e.ok(err, "reading %d bytes", n)
		cancel()
		e.wantCanceled("reading after cancel", func() error {
			_, err := io.Copy(io.Discard, r)
			return err
		})
		e.ok(e.soon("Close after cancel", r.Close), "Close after cancel")
	}
}

// testCanceledWriting ends the context beside a Write. In abort.go it ends
// between two.
func testCanceledWriting(e *env) {
	e.put("/file", []byte("old"))
	before := e.tree()
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	w := e.create(ctx, "/file", vfs.CreateOptions{})
	block := random(1, e.target.BlockSize)
	started := make(chan struct{})
	stopped := make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			if i == 2 {
				close(started)
			}
			if _, err := w.Write(block); err != nil {
				stopped <- err
				return
			}
		}
	}()
	_ = e.soon("writing", func() error { <-started; return nil })
	cancel()
	e.wantCanceled("Write beside cancel", func() error { return <-stopped })
	e.wantCanceled("Commit after cancel", func() error {
		_, err := w.Commit(e.ctx, vfs.CommitOptions{})
		return err
	})
	w.Abort()
	e.wantTree(before, "a canceled Writer")
}

func testCanceledListing(e *env) {
	n := 4 * e.target.PageSize
	e.fill("/many", "f", n)
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	seen := 0
	e.wantCanceled("List after cancel", func() error {
		for _, err := range e.b.List(ctx, path("/many")) {
			if err != nil {
				return err
			}
			seen++
			cancel()
		}
		return nil
	})
	if limit := 2 * e.target.PageSize; seen > limit {
		e.Fatalf("List yielded %d of %d entries after cancel, want at most %d", seen, n, limit)
	}
}
