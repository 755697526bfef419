package vfs_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
)

// Each operation that has changed the store is told of once: after the observer has heard of
// it, before its caller has, and in the context of the call. Nothing else is told of.
func TestNotify(t *testing.T) {
	type key struct{}
	var heard []string
	v, err := vfs.NewView(vfs.ViewOptions{
		Mounts: []vfs.Mount{{Backend: memory.New()}}, Allow: vfs.PermAll,
		Notify: func(ctx context.Context, e vfs.Event) {
			heard = append(heard, "told of "+e.Op)
			if e.Err != nil || e.Receipt == nil {
				t.Errorf("told of %+v", e)
			}
			if e.Op == "write" && ctx.Value(key{}) != "commit" {
				t.Error("a commit has another context")
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	v = v.Observed(func(_ context.Context, e vfs.Event) { heard = append(heard, "observed "+e.Op) })
	step := func(name string, do func() error, want ...string) {
		t.Helper()
		heard = nil
		if err := do(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		heard = append(heard, "returned")
		if want = append(want, "returned"); !slices.Equal(heard, want) {
			t.Errorf("%s: %q, want %q", name, heard, want)
		}
	}
	ctx := t.Context()
	step("upload", func() error {
		w, err := v.Create(ctx, path("/a"), vfs.CreateOptions{})
		if err != nil {
			return err
		}
		_, err = w.Commit(context.WithValue(ctx, key{}, "commit"), vfs.CommitOptions{})
		w.Abort()
		return err
	}, "observed write", "told of write")
	step("aborted upload", func() error {
		w, err := v.Create(ctx, path("/a"), vfs.CreateOptions{})
		if err == nil {
			w.Abort()
		}
		return err
	}, "observed write")
	step("rename", func() error { return v.Rename(ctx, path("/a"), path("/b"), vfs.RenameOptions{}) }, "observed rename", "told of rename")
	step("copy", func() error { _, err := v.Copy(ctx, path("/b"), path("/c"), vfs.CopyOptions{}); return err }, "observed copy", "told of copy")
	step("mkdir", func() error { return v.Mkdir(ctx, path("/d")) }, "observed mkdir", "told of mkdir")
	step("failed remove", func() error {
		if err := v.Remove(ctx, path("/none"), vfs.TypeFile); vfs.KindOf(err) != vfs.KindNotExist {
			return err
		}
		return nil
	}, "observed remove")
	step("remove", func() error { return v.Remove(ctx, path("/b"), vfs.TypeFile) }, "observed remove", "told of remove")
	step("stat", func() error { _, err := v.Stat(ctx, path("/c"), vfs.TypeFile); return err }, "observed stat")
}
