package vfs_test

import (
	"context"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
)

// Each successful change has a receipt with what the store has then, and nothing else has
// one.
func TestReceipts(t *testing.T) {
	var last vfs.Event
	v := one(t, memory.New()).Observed(func(_ context.Context, e vfs.Event) { last = e })
	file := func(size int64) *vfs.Receipt { return &vfs.Receipt{Type: vfs.TypeFile, Size: size} }
	dir := &vfs.Receipt{Type: vfs.TypeDir}
	for _, step := range []struct {
		name string
		do   func() error
		want *vfs.Receipt
	}{
		{"upload", func() error { return tryPut(t.Context(), v, "/a", "1234", vfs.CreateOptions{}) }, file(4)},
		{"append", func() error { return tryPut(t.Context(), v, "/a", "56", vfs.CreateOptions{Mode: vfs.ModeAppend}) }, file(6)},
		{"resume", func() error {
			return tryPut(t.Context(), v, "/a", "7", vfs.CreateOptions{Mode: vfs.ModeResume, Offset: 6})
		}, file(7)},
		{"copy", func() error { _, err := v.Copy(t.Context(), path("/a"), path("/b"), vfs.CopyOptions{}); return err }, file(7)},
		{"rename", func() error { return v.Rename(t.Context(), path("/b"), path("/c"), vfs.RenameOptions{}) }, file(7)},
		{"remove", func() error { return v.Remove(t.Context(), path("/c"), vfs.TypeFile) }, file(7)},
		{"mkdir", func() error { return v.Mkdir(t.Context(), path("/d")) }, dir},
		{"rename of a directory", func() error { return v.Rename(t.Context(), path("/d"), path("/e"), vfs.RenameOptions{}) }, dir},
		{"rmdir", func() error { return v.Remove(t.Context(), path("/e"), vfs.TypeDir) }, dir},
		{"stat", func() error { _, err := v.Stat(t.Context(), path("/a"), vfs.TypeFile); return err }, nil},
		{"failed rename", func() error {
			if err := v.Rename(t.Context(), path("/none"), path("/x"), vfs.RenameOptions{}); vfs.KindOf(err) != vfs.KindNotExist {
				return err
			}
			return nil
		}, nil},
		{"aborted upload", func() error {
			w, err := v.Create(t.Context(), path("/a"), vfs.CreateOptions{})
			if err == nil {
				w.Abort()
			}
			return err
		}, nil},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		switch got := last.Receipt; {
		case got == nil || step.want == nil:
			if got != step.want {
				t.Errorf("%s has the receipt %+v, want %+v", step.name, got, step.want)
			}
		case *got != *step.want:
			t.Errorf("%s has the receipt %+v, want %+v", step.name, *got, *step.want)
		}
	}
}
