package vfs_test

import (
	"context"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
)

// asking is a store that sends requests: one for each call, and for a commit one more.
type asking struct{ vfs.Backend }

func (b asking) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	vfs.NoteRequest(ctx)
	return b.Backend.Stat(ctx, p, want)
}

func (b asking) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	vfs.NoteRequest(ctx)
	w, err := b.Backend.Create(ctx, p, o)
	return askingWriter{w}, err
}

type askingWriter struct{ vfs.Writer }

func (w askingWriter) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	vfs.NoteRequest(ctx)
	vfs.NoteRequest(ctx)
	return w.Writer.Commit(ctx, o)
}

// An event has the requests of its operation, from its beginning to the commit, and of no
// other one.
func TestEventCountsRequests(t *testing.T) {
	got := map[string]int64{}
	v := newView(t, vfs.ViewOptions{
		Mounts: []vfs.Mount{{Backend: asking{memory.New()}, Name: "memory.m"}}, Allow: vfs.PermAll,
	}).Observed(func(_ context.Context, e vfs.Event) { got[e.Op] += e.Requests })
	ctx := t.Context()
	vfs.NoteRequest(ctx) // of nothing
	w, err := v.Create(ctx, vfs.MustParse("/a"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Stat(ctx, vfs.MustParse("/"), vfs.TypeAny); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(context.Background(), vfs.CommitOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Stat(ctx, vfs.MustParse("/a"), vfs.TypeFile); err != nil {
		t.Fatal(err)
	}
	if got["write"] != 3 || got["stat"] != 1 {
		t.Errorf("requests: %v", got)
	}
}
