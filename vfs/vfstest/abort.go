package vfstest

import (
	"context"
	"fmt"

	"github.com/tidegate/tidegate/vfs"
)

func abortTests() []suiteTest {
	return []suiteTest{
		{"G2/abort-keeps-old", func(e *env) { testAbort(e, "/dir/file", "/dir/file") }},
		{"G2/abort-keeps-nothing", func(e *env) { testAbort(e, "/dir/other", "/dir/file") }},
		{"G2/abort-keeps-no-parents", func(e *env) { testAbort(e, "/other", "/dir/sub/file") }},
		{"G2/abort-beside-write", testAbortBesideWrite},
		{"G2/abort-after-commit", testAbortAfterCommit},
		{"G2/commit-ends-the-writer", testCommitEnds},
	}
}

// ending is a way in which a Writer ends without a file.
type ending struct {
	name string
	end  func(e *env, w vfs.Writer, cancel context.CancelFunc)
}

func (e *env) endings() []ending {
	commitFails := func(e *env, w vfs.Writer, ctx context.Context, what string) {
		e.Helper()
		e.wantCanceled(what, func() error {
			_, err := w.Commit(ctx, vfs.CommitOptions{})
			return err
		})
	}
	return []ending{
		{"Abort before the first byte", func(_ *env, w vfs.Writer, _ context.CancelFunc) { w.Abort() }},
		{"Abort after a byte", func(e *env, w vfs.Writer, _ context.CancelFunc) {
			e.write(w, []byte("x"))
			w.Abort()
		}},
		{"Abort after many blocks", func(e *env, w vfs.Writer, _ context.CancelFunc) {
			e.write(w, e.blocks(9, 8))
			w.Abort()
			w.Abort()
		}},
		{"Commit after Abort", func(e *env, w vfs.Writer, _ context.CancelFunc) {
			e.write(w, e.blocks(9, 2))
			w.Abort()
			if _, err := w.Commit(e.ctx, vfs.CommitOptions{}); err == nil {
				e.Fatalf("Commit after Abort succeeded")
			}
			if _, err := w.Write([]byte("x")); err == nil {
				e.Fatalf("Write after Abort succeeded")
			}
		}},
		{"Commit after cancel", func(e *env, w vfs.Writer, cancel context.CancelFunc) {
			e.write(w, []byte("x"))
			cancel()
			commitFails(e, w, e.ctx, "Commit after the end of Create's context")
		}},
		{"Commit of many blocks after cancel", func(e *env, w vfs.Writer, cancel context.CancelFunc) {
			e.write(w, e.blocks(9, 8))
			cancel()
			commitFails(e, w, e.ctx, "Commit after the end of Create's context")
			w.Abort()
		}},
		{"Abort of a prepared byte", func(e *env, w vfs.Writer, _ context.CancelFunc) {
			e.write(w, []byte("x"))
			e.prepare(w)
			w.Abort()
		}},
		{"Abort of prepared blocks", func(e *env, w vfs.Writer, _ context.CancelFunc) {
			e.write(w, e.blocks(9, 3))
			e.prepare(w)
			w.Abort()
		}},
		{"Commit of a prepared byte after cancel", func(e *env, w vfs.Writer, cancel context.CancelFunc) {
			e.write(w, []byte("x"))
			e.prepare(w)
			cancel()
			commitFails(e, w, e.ctx, "Commit after the end of Create's context")
		}},
		{"Commit of prepared blocks with an ended context", func(e *env, w vfs.Writer, _ context.CancelFunc) {
			e.write(w, e.blocks(9, 3))
			e.prepare(w)
			ctx, cancel := context.WithCancel(e.ctx)
			cancel()
			commitFails(e, w, ctx, "Commit with an ended context")
		}},
		{"Commit with an ended context", func(e *env, w vfs.Writer, _ context.CancelFunc) {
			e.write(w, e.blocks(9, 2))
			ctx, cancel := context.WithCancel(e.ctx)
			cancel()
			commitFails(e, w, ctx, "Commit with an ended context")
			w.Abort()
		}},
		{"Abort after a failed Write", func(e *env, w vfs.Writer, cancel context.CancelFunc) {
			e.write(w, e.blocks(9, 1))
			cancel()
			e.wantWritesEnd(w)
			w.Abort()
		}},
		{"Commit after a failed Write", func(e *env, w vfs.Writer, cancel context.CancelFunc) {
			e.write(w, e.blocks(9, 1))
			cancel()
			e.wantWritesEnd(w)
			commitFails(e, w, e.ctx, "Commit after a failed Write")
		}},
	}
}

// wantWritesEnd writes until that fails with KindCanceled, which may take as
// many blocks as a store buffers.
func (e *env) wantWritesEnd(w vfs.Writer) {
	e.Helper()
	block := random(9, e.target.BlockSize)
	e.wantCanceled("writing after cancel", func() error {
		for range 1000 {
			if _, err := w.Write(block); err != nil {
				return err
			}
		}
		return nil
	})
}

// testAbort ends a Writer at target in every way and in every mode, while the
// file existing is there.
func testAbort(e *env, existing, target string) {
	old := e.blocks(1, 2)
	e.put(existing, old)
	before := e.tree()
	modes := []vfs.CreateOptions{{Mode: vfs.ModeReplace}}
	if existing != target {
		modes = append(modes, vfs.CreateOptions{Mode: vfs.ModeExclusive})
	}
	if e.caps.Append {
		modes = append(modes, vfs.CreateOptions{Mode: vfs.ModeAppend})
	}
	if e.caps.Append && existing == target {
		modes = append(modes, vfs.CreateOptions{Mode: vfs.ModeResume, Offset: int64(len(old))})
	}
	for _, o := range modes {
		for _, ending := range e.endings() {
			ctx, cancel := context.WithCancel(e.ctx)
			// Not by e.create, which aborts in the end: a Commit that fails
			// must let everything go by itself.
			w, err := e.b.Create(ctx, path(target), o)
			e.ok(err, "Create(%q, %+v)", target, o)
			ending.end(e, w, cancel)
			cancel()
			e.wantTree(before, fmt.Sprintf("%s, mode %d,", ending.name, o.Mode))
		}
	}
	e.wantFile(existing, old)
	if existing != target {
		e.wantMissing(target)
	}
}

// testAbortBesideWrite aborts while another goroutine writes and writes.
func testAbortBesideWrite(e *env) {
	e.put("/file", []byte("old"))
	before := e.tree()
	for range 5 {
		w := e.create(e.ctx, "/file", vfs.CreateOptions{})
		started := make(chan struct{})
		stopped := make(chan error, 1)
		block := random(1, e.target.BlockSize)
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
		_ = e.soon("Abort", func() error { w.Abort(); return nil })
		e.wantKind(e.soon("Write beside Abort", func() error { return <-stopped }), "Write beside Abort", vfs.KindCanceled)
		e.wantTree(before, "Abort beside Write")
	}
}

func testAbortAfterCommit(e *env) {
	content := e.blocks(1, 2)
	w := e.create(e.ctx, "/file", vfs.CreateOptions{})
	e.write(w, content)
	_, err := w.Commit(e.ctx, vfs.CommitOptions{})
	e.ok(err, "Commit")
	w.Abort()
	w.Abort()
	e.wantFile("/file", content)
}

// testCommitEnds proves that neither the end of Create's context nor further
// use of the Writer reaches a committed file.
func testCommitEnds(e *env) {
	ctx, cancel := context.WithCancel(e.ctx)
	w := e.create(ctx, "/file", vfs.CreateOptions{})
	e.write(w, []byte("content"))
	_, err := w.Commit(e.ctx, vfs.CommitOptions{})
	e.ok(err, "Commit")
	cancel()
	if _, err := w.Write([]byte("more")); err == nil {
		e.Fatalf("Write after Commit succeeded")
	}
	e.wantFile("/file", []byte("content"))
}
