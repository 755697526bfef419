package vfs_test

import (
	"context"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
)

// An event names the backend of its path, and none where there is no mount.
func TestEventNamesBackend(t *testing.T) {
	got := map[string]string{}
	v := newView(t, vfs.ViewOptions{
		Mounts: []vfs.Mount{
			{At: vfs.MustParse("/a"), Backend: memory.New(), Name: "memory.a"},
			{At: vfs.MustParse("/a/b"), Backend: memory.New(), Name: "memory.b"},
		},
		Allow: vfs.PermAll,
	}).Observed(func(_ context.Context, e vfs.Event) { got[e.Path.String()] = e.Backend })
	for path, want := range map[string]string{"/": "", "/a/x": "memory.a", "/a/b/x": "memory.b"} {
		_, _ = v.Stat(t.Context(), vfs.MustParse(path), vfs.TypeAny)
		if got[path] != want {
			t.Errorf("%s is of the backend %q, want %q", path, got[path], want)
		}
	}
}
