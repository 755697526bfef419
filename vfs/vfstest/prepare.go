package vfstest

import (
	"fmt"
	"slices"

	"github.com/tidegate/tidegate/vfs"
)

// prepare prepares the commit of w, where w can, and gives a store the time to show what it
// must not.
func (e *env) prepare(w vfs.Writer) {
	e.Helper()
	if p, ok := w.(vfs.Preparer); ok {
		before := e.tree()
		p.Prepare(e.ctx, vfs.CommitOptions{})
		for range 3 {
			e.wantTree(before, "Prepare,")
		}
	}
}

// testPrepared commits what was prepared, in every mode.
func testPrepared(e *env) {
	for i, size := range e.sizes() {
		content := random(uint64(i), size)
		commit := func(name string, o vfs.CreateOptions) error {
			w := e.create(e.ctx, name, o)
			e.write(w, content)
			e.prepare(w)
			info, err := w.Commit(e.ctx, vfs.CommitOptions{})
			if err == nil && o.Mode != vfs.ModeAppend && info.Size != int64(size) {
				e.Errorf("Commit of %d bytes returns the size %d", size, info.Size)
			}
			if _, after := w.Write([]byte("more")); after == nil {
				e.Errorf("Write after Commit succeeded")
			}
			return err
		}
		name := fmt.Sprintf("/prepared-%d", size)
		e.ok(commit(name, vfs.CreateOptions{Mode: vfs.ModeExclusive}), "a new file of %d bytes", size)
		e.wantFile(name, content)
		e.ok(commit(name, vfs.CreateOptions{}), "replacing with %d bytes", size)
		e.wantFile(name, content)
		if e.caps.Append {
			e.ok(commit(name, vfs.CreateOptions{Mode: vfs.ModeAppend}), "appending %d bytes", size)
			e.wantFile(name, slices.Concat(content, content))
		}
		e.remove(name, vfs.TypeFile) // each prepare reads all that is there
	}
	w := e.create(e.ctx, "/other", vfs.CreateOptions{Mode: vfs.ModeExclusive})
	e.write(w, []byte("late"))
	e.prepare(w)
	e.put("/other", []byte("early"))
	if _, err := w.Commit(e.ctx, vfs.CommitOptions{}); err != nil || e.caps.ExclusiveCreate {
		e.wantKind(err, "the second exclusive Commit", vfs.KindExist)
		e.wantFile("/other", []byte("early"))
	}
}
