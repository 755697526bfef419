package rclone_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/vfs"
)

// What a client does with a name, for the tests in which every operation must
// give the same answer.
func operations(b *rclone.Backend, p vfs.Path) map[string]func(t *testing.T) error {
	other := vfs.MustParse("/other")
	return map[string]func(t *testing.T) error{
		"Stat": func(t *testing.T) error {
			_, err := b.Stat(t.Context(), p, vfs.TypeAny)
			return err
		},
		"List": func(t *testing.T) error {
			for _, err := range b.List(t.Context(), p) {
				return err
			}
			return nil
		},
		"Open": func(t *testing.T) error {
			r, err := b.Open(t.Context(), p, vfs.OpenOptions{})
			if err == nil {
				err = errors.Join(errors.New("it opened"), r.Close())
			}
			return err
		},
		"Remove file":      func(t *testing.T) error { return b.Remove(t.Context(), p, vfs.TypeFile) },
		"Remove directory": func(t *testing.T) error { return b.Remove(t.Context(), p, vfs.TypeDir) },
		"Rename from":      func(t *testing.T) error { return b.Rename(t.Context(), p, other, vfs.RenameOptions{}) },
		"SetModTime":       func(t *testing.T) error { return b.SetModTime(t.Context(), p, time.Unix(1, 0)) },
	}
}

// makers are the operations that would make something of the name.
func makers(b *rclone.Backend, p vfs.Path) map[string]func(t *testing.T) error {
	return map[string]func(t *testing.T) error{
		"Create":    func(t *testing.T) error { return put(t, b, p, "new") },
		"Mkdir":     func(t *testing.T) error { return b.Mkdir(t.Context(), p) },
		"Rename to": func(t *testing.T) error { return b.Rename(t.Context(), vfs.MustParse("/file"), p, vfs.RenameOptions{}) },
	}
}

func put(t *testing.T, b vfs.Backend, p vfs.Path, content string) error {
	w, err := b.Create(t.Context(), p, vfs.CreateOptions{})
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.WriteString(w, content); err != nil {
		return err
	}
	_, err = w.Commit(t.Context(), vfs.CommitOptions{})
	return err
}

// rclone's local store follows links. Here no path leads through one, and a
// link itself is not there.
func TestLinksLeadNowhere(t *testing.T) {
	b, dir := openLocal(t, nil)
	outside := t.TempDir()
	write(t, filepath.Join(outside, "secret"), "secret")
	write(t, filepath.Join(dir, "file"), "file")
	for name, target := range map[string]string{
		"dirlink": outside, "filelink": filepath.Join(outside, "secret"), "sub/deep": outside, "loop": "loop", "inside": "file",
	} {
		link := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(link), 0o700), os.Symlink(target, link)); err != nil {
			t.Fatal(err)
		}
	}
	before := treeOf(t, outside)
	t.Run("outside", func(t *testing.T) {
		for _, raw := range []string{"/dirlink", "/filelink", "/dirlink/secret", "/sub/deep/secret", "/loop", "/inside", "/dirlink/missing/secret"} {
			p := vfs.MustParse(raw)
			for name, operation := range operations(b, p) {
				if err := operation(t); vfs.KindOf(err) != vfs.KindNotExist {
					t.Errorf("%s(%s): %v, want %v", name, raw, err, vfs.KindNotExist)
				}
			}
		}
		for _, raw := range []string{"/dirlink/new", "/sub/deep/secret", "/dirlink/missing/new"} {
			for name, operation := range makers(b, vfs.MustParse(raw)) {
				if err := operation(t); vfs.KindOf(err) != vfs.KindNotExist {
					t.Errorf("%s(%s): %v, want %v", name, raw, err, vfs.KindNotExist)
				}
			}
		}
		if got, want := names(t, b, "/"), []string{"file", "sub"}; !slices.Equal(got, want) {
			t.Errorf("List: %q, want %q: links are not shown", got, want)
		}
	})
	if diff := cmp.Diff(before, treeOf(t, outside)); diff != "" {
		t.Errorf("something changed outside of the root:\n%s", diff)
	}
}

// A file may be stored in the place of a link: that replaces the link and not
// what it leads to.
func TestLinkIsReplaced(t *testing.T) {
	b, dir := openLocal(t, nil)
	outside := filepath.Join(t.TempDir(), "file")
	write(t, outside, "outside")
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := put(t, b, vfs.MustParse("/link"), "inside"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{outside: "outside", filepath.Join(dir, "link"): "inside"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v, want %q", path, got, err, want)
		}
	}
}

func TestReservedNames(t *testing.T) {
	b, dir := openLocal(t, nil)
	write(t, filepath.Join(dir, "file"), "file")
	for _, raw := range []string{"/.tidegate-upload-x", "/dir/.tidegate-directory", "/.Tidegate-/below", "/.tidegate-"} {
		write(t, filepath.Join(dir, raw), "hidden")
		for _, table := range []map[string]func(t *testing.T) error{operations(b, vfs.MustParse(raw)), makers(b, vfs.MustParse(raw))} {
			for name, operation := range table {
				if err := operation(t); vfs.KindOf(err) != vfs.KindInvalid {
					t.Errorf("%s(%s): %v, want %v", name, raw, err, vfs.KindInvalid)
				}
			}
		}
	}
	if got, want := names(t, b, "/"), []string{"dir", "file"}; !slices.Equal(got, want) {
		t.Errorf("List: %q, want %q", got, want)
	}
}

// An upload goes to a hidden file beside its target and leaves none behind.
func TestUploadIsHidden(t *testing.T) {
	b, dir := openLocal(t, nil)
	write(t, filepath.Join(dir, "dir/file"), "old")
	for _, tt := range []struct {
		name string
		end  func(w vfs.Writer) error
		want string
	}{
		{"aborted", func(w vfs.Writer) error { w.Abort(); return nil }, "old"},
		{"committed", func(w vfs.Writer) error { _, err := w.Commit(t.Context(), vfs.CommitOptions{}); return err }, "new"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, err := b.Create(t.Context(), vfs.MustParse("/dir/file"), vfs.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Abort()
			content := strings.Repeat("new", 1<<20)
			if _, err := io.WriteString(w, content); err != nil {
				t.Fatal(err)
			}
			entries, err := os.ReadDir(filepath.Join(dir, "dir"))
			if err != nil || len(entries) != 2 {
				t.Errorf("during the upload the directory holds %v, %v, want the old file and a hidden one", entries, err)
			}
			if got := names(t, b, "/dir"); !slices.Equal(got, []string{"file"}) {
				t.Errorf("List shows %q, want only the old file", got)
			}
			if err := tt.end(w); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, "dir/file"))
			if err != nil || !strings.HasPrefix(string(got), tt.want) {
				t.Errorf("the file begins with %.5q, %v, want %q", got, err, tt.want)
			}
			if entries, err := os.ReadDir(filepath.Join(dir, "dir")); err != nil || len(entries) != 1 {
				t.Errorf("afterwards the directory holds %v, %v, want the file", entries, err)
			}
		})
	}
}

// What a crash has left cannot be seen, so it must not keep a directory from
// being removed; an upload that goes on must.
func TestRemoveDirectoryWithHiddenUpload(t *testing.T) {
	b, dir := openLocal(t, nil)
	hidden := filepath.Join(dir, "dir/.tidegate-upload-abc")
	write(t, hidden, "part")
	if err := b.Remove(t.Context(), vfs.MustParse("/dir"), vfs.TypeDir); vfs.KindOf(err) != vfs.KindNotEmpty {
		t.Errorf("with a fresh upload: %v, want %v", err, vfs.KindNotEmpty)
	}
	old := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(hidden, old, old); err != nil {
		t.Fatal(err)
	}
	visible := filepath.Join(dir, "dir/file")
	write(t, visible, "file")
	if err := b.Remove(t.Context(), vfs.MustParse("/dir"), vfs.TypeDir); vfs.KindOf(err) != vfs.KindNotEmpty {
		t.Errorf("with an old upload and a file: %v, want %v", err, vfs.KindNotEmpty)
	}
	if _, err := os.Stat(hidden); err != nil {
		t.Errorf("a refused removal removed something: %v", err)
	}
	if err := os.Remove(visible); err != nil {
		t.Fatal(err)
	}
	if err := b.Remove(t.Context(), vfs.MustParse("/dir"), vfs.TypeDir); err != nil {
		t.Errorf("with an old upload: %v, want it removed", err)
	}
}

func names(t *testing.T, b vfs.Backend, dir string) []string {
	t.Helper()
	var names []string
	for info, err := range b.List(t.Context(), vfs.MustParse(dir)) {
		if err != nil {
			t.Fatalf("List(%s): %v", dir, err)
		}
		names = append(names, info.Name)
	}
	slices.Sort(names)
	return names
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		t.Fatal(err)
	}
}
