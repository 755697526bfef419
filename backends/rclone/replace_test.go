package rclone_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/vfs"
)

var errRefused = errors.New("refused")

// openPicky returns a backend over a store of which nothing is known, and which
// does not move onto a file, as FTP and SMB servers do not.
func openPicky(t *testing.T) (*rclone.Backend, string) {
	b, dir := openLocal(t, nil)
	b.AsUnknown()
	b.RefuseMoves(func(_, target string) error {
		if _, err := os.Lstat(filepath.Join(dir, target)); err == nil {
			return errRefused
		}
		return nil
	})
	return b, dir
}

func TestReplaceInPickyStore(t *testing.T) {
	b, dir := openPicky(t)
	file, other := vfs.MustParse("/dir/file"), vfs.MustParse("/other")
	for _, content := range []string{"first", "second", strings.Repeat("third", 1<<18)} {
		if err := put(t, b, file, content); err != nil {
			t.Fatal(err)
		}
		wantTree(t, dir, map[string]string{"dir/file": content})
	}
	if err := errors.Join(put(t, b, other, "other"), b.Rename(t.Context(), other, file, vfs.RenameOptions{})); err != nil {
		t.Fatal(err)
	}
	wantTree(t, dir, map[string]string{"dir/file": "other"})
	if b.Caps().AtomicReplace {
		t.Error("Caps.AtomicReplace is true for a store of which nothing is known")
	}
}

func TestReplaceFails(t *testing.T) {
	file, other := vfs.MustParse("/file"), vfs.MustParse("/other")
	tests := []struct {
		name string
		do   func(t *testing.T, b *rclone.Backend) error
	}{
		{"small upload", func(t *testing.T, b *rclone.Backend) error { return put(t, b, file, "new") }},
		{"streamed upload", func(t *testing.T, b *rclone.Backend) error { return put(t, b, file, strings.Repeat("new", 1<<18)) }},
		{"rename", func(t *testing.T, b *rclone.Backend) error {
			return b.Rename(t.Context(), other, file, vfs.RenameOptions{})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, dir := openPicky(t)
			write(t, filepath.Join(dir, "file"), "old")
			write(t, filepath.Join(dir, "other"), "other")
			// What was put aside may come back, the new content may not come.
			b.RefuseMoves(func(src, target string) error {
				if target == "file" && !strings.Contains(src, "replaced") {
					return errRefused
				}
				return nil
			})
			if err := tt.do(t, b); !errors.Is(err, errRefused) {
				t.Errorf("got %v, want %v", err, errRefused)
			}
			wantTree(t, dir, map[string]string{"file": "old", "other": "other"})
		})
	}
}

// Several replace one file at once. Each may lose against the others, but what
// is there at the end is one of them, and nothing hidden stays.
func TestReplaceAtOnceInPickyStore(t *testing.T) {
	b, dir := openPicky(t)
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for j := range 10 {
				err := put(t, b, vfs.MustParse("/file"), fmt.Sprintf("content %d %d", i, j))
				if kind := vfs.KindOf(err); err != nil && kind != vfs.KindConflict {
					t.Errorf("writer %d: %v", i, err)
				}
			}
		})
	}
	writers.Wait()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v, want the file", entries, err)
	}
}

// A store that removes the target and then cannot move: the new content is all
// that is left, so it stays.
func TestReplaceLosesTheTarget(t *testing.T) {
	b, dir := openLocal(t, nil)
	b.AsRemoving()
	write(t, filepath.Join(dir, "file"), "old")
	b.RefuseMoves(func(_, target string) error {
		return errors.Join(errRefused, ignoreMissing(os.Remove(filepath.Join(dir, target))))
	})
	if err := put(t, b, vfs.MustParse("/file"), "new"); !errors.Is(err, errRefused) {
		t.Errorf("got %v, want %v", err, errRefused)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || !strings.HasPrefix(entries[0].Name(), ".tidegate-upload-") {
		t.Fatalf("the directory holds %v, %v, want the hidden upload", entries, err)
	}
	if content, err := os.ReadFile(filepath.Join(dir, entries[0].Name())); err != nil || string(content) != "new" {
		t.Errorf("the hidden upload holds %q, %v, want the new content", content, err)
	}
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func wantTree(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for name, content := range treeOf(t, dir) {
		if content != "directory" {
			got[strings.TrimPrefix(name, dir+"/")] = content
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("files in the store, want -, got +:\n%s", diff)
	}
}
