package rclone_test

import (
	"log/slog"
	"testing"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

// open returns a backend that is closed with the test.
func open(t *testing.T, o rclone.Options) *rclone.Backend {
	t.Helper()
	if o.RenameEntries == 0 {
		o.RenameEntries = 5000
	}
	o.Log = slog.New(slog.DiscardHandler)
	b, err := rclone.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("Open(%q, %q): %v", o.Store, o.Root, err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return b
}

func openLocal(t *testing.T, values map[string]config.Secret) (*rclone.Backend, string) {
	t.Helper()
	dir := t.TempDir()
	return open(t, rclone.Options{Store: "local", Root: dir, Values: values}), dir
}

func TestBackendOverLocal(t *testing.T) {
	vfstest.Run(t, vfstest.Target{
		New: func(t *testing.T) vfs.Backend {
			b, _ := openLocal(t, nil)
			return b
		},
		Refuses: func(name string) bool { return len(name) > 255 },
	})
}

// The memory store is one for the process, so each tree gets a bucket.
func TestBackendOverMemory(t *testing.T) {
	vfstest.Run(t, vfstest.Target{
		New: func(t *testing.T) vfs.Backend {
			return open(t, rclone.Options{Store: "memory", Root: t.Name() + "/prefix"})
		},
	})
}
