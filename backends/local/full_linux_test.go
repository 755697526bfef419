package local

import (
	"os"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

// TestFailedWriteCannotBeCommitted uses a device that is always full instead of the
// temporary file.
func TestFailedWriteCannotBeCommitted(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	b, err := New(root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	vw, err := b.Create(t.Context(), vfs.MustParse("/dir/file"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w := vw.(*writer)
	_ = w.f.Close()
	w.f = full
	if _, err := w.Write([]byte("x")); vfs.KindOf(err) != vfs.KindNoSpace {
		t.Errorf("Write: %v, want kind no-space", err)
	}
	if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); vfs.KindOf(err) != vfs.KindNoSpace {
		t.Errorf("Commit after a failed Write: %v, want kind no-space", err)
	}
	if left, err := os.ReadDir(root); err != nil || len(left) != 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}
