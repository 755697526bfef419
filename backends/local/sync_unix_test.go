//go:build unix

package local

import (
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

// A commit in the directory of a Confine waits until the entry of that directory is on the disk,
// once for each time that the directory is made.
func TestEntryOfConfineIsSynced(t *testing.T) {
	whole, err := New(t.TempDir(), Options{Fsync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := whole.Close(); err != nil {
			t.Error(err)
		}
	}()
	confined, err := whole.Confine(vfs.MustParse("/a/b/c"))
	if err != nil {
		t.Fatal(err)
	}
	b := confined.(*Backend)
	for range 2 {
		w, err := b.Create(t.Context(), vfs.MustParse("/dir/file"), vfs.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if b.place.synced.Load() == b.root() {
			t.Error("the entry counts as synced before a commit")
		}
		if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
			t.Fatal(err)
		}
		if b.place.synced.Load() != b.root() {
			t.Error("the entry is not synced")
		}
		if err := whole.root().RemoveAll("a"); err != nil {
			t.Fatal(err)
		}
	}
}
