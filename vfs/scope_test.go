package vfs_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
)

type operationKey struct{}

// numbered numbers the operations of a View in their contexts.
type numbered struct{ begun []string }

func (n *numbered) Enter(ctx context.Context, e vfs.Event) context.Context {
	name := fmt.Sprintf("%s %s %d", e.Op, e.Path, len(n.begun))
	n.begun = append(n.begun, name)
	return context.WithValue(ctx, operationKey{}, name)
}

func (n *numbered) Resume(ctx, begun context.Context) context.Context {
	return context.WithValue(ctx, operationKey{}, begun.Value(operationKey{}))
}

// asked is a store that notes for which operation it was called.
type asked struct {
	vfs.Backend
	calls *[]string
}

func (b asked) note(ctx context.Context, call string) {
	of, _ := ctx.Value(operationKey{}).(string)
	*b.calls = append(*b.calls, call+" for "+of)
}

func (b asked) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	b.note(ctx, "stat")
	return b.Backend.Stat(ctx, p, want)
}

func (b asked) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	b.note(ctx, "list")
	return b.Backend.List(ctx, p)
}

func (b asked) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	b.note(ctx, "open")
	return b.Backend.Open(ctx, p, o)
}

func (b asked) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	b.note(ctx, "create")
	w, err := b.Backend.Create(ctx, p, o)
	return askedWriter{w, b}, err
}

func (b asked) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	b.note(ctx, "copy")
	return b.Backend.Copy(ctx, from, to, o)
}

func (b asked) Mkdir(ctx context.Context, p vfs.Path) error {
	b.note(ctx, "mkdir")
	return b.Backend.Mkdir(ctx, p)
}

func (b asked) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	b.note(ctx, "remove")
	return b.Backend.Remove(ctx, p, want)
}

func (b asked) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	b.note(ctx, "rename")
	return b.Backend.Rename(ctx, from, to, o)
}

func (b asked) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	b.note(ctx, "settime")
	return b.Backend.SetModTime(ctx, p, t)
}

type askedWriter struct {
	vfs.Writer
	b asked
}

func (w askedWriter) Prepare(ctx context.Context, _ vfs.CommitOptions) { w.b.note(ctx, "prepare") }

func (w askedWriter) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	w.b.note(ctx, "commit")
	return w.Writer.Commit(ctx, o)
}

// Each call of a store, and the event, has the context of its operation: also the commit of a
// file, whose caller has another one.
func TestScope(t *testing.T) {
	var calls []string
	scope := &numbered{}
	v := one(t, asked{memory.New(), &calls}).Scoped(scope).Observed(func(ctx context.Context, _ vfs.Event) {
		calls = append(calls, "event for "+ctx.Value(operationKey{}).(string))
	})
	ctx := t.Context()
	w, err := v.Create(ctx, path("/f"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_ = v.Mkdir(ctx, path("/d"))
	w.(vfs.Preparer).Prepare(ctx, vfs.CommitOptions{})
	_, _ = w.Commit(ctx, vfs.CommitOptions{})
	w.Abort()
	_ = get(t, v, "/f")
	_ = list(t, v, "/")
	_, _ = v.Stat(ctx, path("/f"), vfs.TypeAny)
	_, _ = v.Copy(ctx, path("/f"), path("/c"), vfs.CopyOptions{})
	_ = v.SetModTime(ctx, path("/f"), time.Unix(1, 0))
	_ = v.Rename(ctx, path("/f"), path("/g"), vfs.RenameOptions{})
	_ = v.Remove(ctx, path("/g"), vfs.TypeFile)
	_, _ = v.Open(ctx, path("/g"), vfs.OpenOptions{})
	want := []string{
		"create for write /f 0", "mkdir for mkdir /d 1", "event for mkdir /d 1",
		"prepare for write /f 0", "commit for write /f 0", "event for write /f 0",
		"open for read /f 2", "event for read /f 2", "list for list / 3", "event for list / 3", "stat for stat /f 4", "event for stat /f 4",
		"copy for copy /f 5", "event for copy /f 5", "settime for settime /f 6", "event for settime /f 6",
		"rename for rename /f 7", "event for rename /f 7", "remove for remove /g 8", "event for remove /g 8",
		"open for read /g 9", "event for read /g 9",
	}
	if !slices.Equal(calls, want) {
		t.Errorf("the calls:\n%q\nwant\n%q", calls, want)
	}
}
