package local_test

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/vfs"
)

// temps returns the temporary files below root.
func temps(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	for name := range snapshot(t, root) {
		if strings.HasPrefix(filepath.Base(name), ".tidegate-") {
			found = append(found, name)
		}
	}
	return found
}

// TestTemporaryFileIsHidden looks for the file of a Writer with every operation of a
// client.
func TestTemporaryFileIsHidden(t *testing.T) {
	root := t.TempDir()
	b := open(t, root, local.Options{})
	ctx := t.Context()
	w, err := b.Create(ctx, vfs.MustParse("/file"), vfs.CreateOptions{})
	must(t, err)
	defer w.Abort()
	_, err = io.WriteString(w, "not yet")
	must(t, err)
	found := temps(t, root)
	if len(found) != 1 {
		t.Fatalf("the Writer has the temporary files %q, want one", found)
	}
	if got, err := names(ctx, b, "/"); err != nil || len(got) != 0 {
		t.Errorf("List = %q, %v, want nothing", got, err)
	}
	must(t, put(ctx, b, "/other", vfs.CreateOptions{}, "x"))
	base := filepath.Base(found[0])
	for _, name := range []string{"/" + base, "/" + strings.ToUpper(base), "/.tidegate-", "/.Tidegate-x", "/.tidegate-dir/file"} {
		p := vfs.MustParse(name)
		other := vfs.MustParse("/other")
		_, statErr := b.Stat(ctx, p, vfs.TypeAny)
		_, listErr := names(ctx, b, name)
		_, getErr := get(ctx, b, name)
		for what, err := range map[string]error{
			"Stat": statErr, "List": listErr, "Open": getErr,
			"Create":      put(ctx, b, name, vfs.CreateOptions{}, "x"),
			"Mkdir":       b.Mkdir(ctx, p),
			"Remove":      b.Remove(ctx, p, vfs.TypeFile),
			"Rename from": b.Rename(ctx, p, vfs.MustParse("/mine"), vfs.RenameOptions{}),
			"Rename to":   b.Rename(ctx, other, p, vfs.RenameOptions{}),
			"SetModTime":  b.SetModTime(ctx, p, time.Unix(1e9, 0)),
		} {
			if vfs.KindOf(err) != vfs.KindInvalid {
				t.Errorf("%s of %q: %v, want kind invalid", what, name, err)
			}
		}
	}
	_, err = w.Commit(ctx, vfs.CommitOptions{})
	must(t, err)
	if found := temps(t, root); len(found) != 0 {
		t.Errorf("after Commit there are %q", found)
	}
}

// TestNoTemporaryFileStays ends Writers in all ways but a commit.
func TestNoTemporaryFileStays(t *testing.T) {
	root := t.TempDir()
	b := open(t, root, local.Options{})
	ctx := t.Context()
	must(t, put(ctx, b, "/dir/file", vfs.CreateOptions{}, "old"))
	for _, name := range []string{"/dir/file", "/new", "/deep/new"} {
		w, err := b.Create(ctx, vfs.MustParse(name), vfs.CreateOptions{Mode: vfs.ModeAppend})
		must(t, err)
		w.Abort()
	}
	late, err := b.Create(ctx, vfs.MustParse("/late"), vfs.CreateOptions{Mode: vfs.ModeExclusive})
	must(t, err)
	must(t, put(ctx, b, "/late", vfs.CreateOptions{}, "early"))
	if _, err := late.Commit(ctx, vfs.CommitOptions{}); vfs.KindOf(err) != vfs.KindExist {
		t.Errorf("Commit: %v, want kind exist", err)
	}
	// The directory of the temporary file moves away.
	moved, err := b.Create(ctx, vfs.MustParse("/dir/new"), vfs.CreateOptions{})
	must(t, err)
	must(t, b.Rename(ctx, vfs.MustParse("/dir"), vfs.MustParse("/elsewhere"), vfs.RenameOptions{}))
	if _, err := moved.Commit(ctx, vfs.CommitOptions{}); vfs.KindOf(err) != vfs.KindConflict {
		t.Errorf("Commit into a directory that was moved: %v, want kind conflict", err)
	}
	if got, err := names(ctx, b, "/"); err != nil || !slices.Equal(got, []string{"elsewhere", "late"}) {
		t.Errorf("List = %q, %v", got, err)
	}
	if found := temps(t, root); len(found) != 0 {
		t.Errorf("there are %q", found)
	}
}

// TestLeftoversOfACrash: old temporary files are removed when the Backend is opened or
// their directory is removed; young ones may be another node's.
func TestLeftoversOfACrash(t *testing.T) {
	root := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(root, "a", "b"), 0o755))
	leave := func(name string, age time.Duration) {
		t.Helper()
		name = filepath.Join(root, name)
		must(t, os.WriteFile(name, []byte("half"), 0o600))
		must(t, os.Chtimes(name, time.Time{}, time.Now().Add(-age)))
	}
	leave(".tidegate-old", 25*time.Hour)
	leave("a/b/.tidegate-old", 25*time.Hour)
	leave("a/b/.tidegate-young", 23*time.Hour)
	leave("a/b/theirs", 25*time.Hour)
	var log events
	b, err := local.New(root, local.Options{Log: slog.New(slog.NewTextHandler(log.writer(), nil))})
	must(t, err)
	if line := log.next(t); !strings.Contains(line, "files=2") {
		t.Errorf("the log says %q, want 2 files", line)
	}
	must(t, b.Close())
	want := filepath.Join(root, "a", "b", ".tidegate-young")
	if got := temps(t, root); !slices.Equal(got, []string{want}) {
		t.Errorf("left are %q, want %q", got, want)
	}
	if _, err := os.Stat(filepath.Join(root, "a", "b", "theirs")); err != nil {
		t.Error(err)
	}

	b = open(t, root, local.Options{})
	ctx := t.Context()
	must(t, b.Remove(ctx, vfs.MustParse("/a/b/theirs"), vfs.TypeFile))
	if err := b.Remove(ctx, vfs.MustParse("/a/b"), vfs.TypeDir); vfs.KindOf(err) != vfs.KindNotEmpty {
		t.Errorf("Remove beside a young temporary file: %v, want kind not-empty", err)
	}
	leave("a/b/.tidegate-young", 25*time.Hour)
	must(t, b.Remove(ctx, vfs.MustParse("/a/b"), vfs.TypeDir))
}

// TestWritingIsNoLeftover: a file that is being written stays, also with an old time, which
// a Commit sets before the file gets its name.
func TestWritingIsNoLeftover(t *testing.T) {
	root := t.TempDir()
	b := open(t, root, local.Options{})
	ctx := t.Context()
	must(t, b.Mkdir(ctx, vfs.MustParse("/dir")))
	w, err := b.Create(ctx, vfs.MustParse("/dir/file"), vfs.CreateOptions{})
	must(t, err)
	defer w.Abort()
	for _, name := range temps(t, root) {
		must(t, os.Chtimes(name, time.Time{}, time.Now().Add(-25*time.Hour)))
	}
	if err := b.Remove(ctx, vfs.MustParse("/dir"), vfs.TypeDir); vfs.KindOf(err) != vfs.KindNotEmpty {
		t.Errorf("Remove beside a file that is written: %v, want kind not-empty", err)
	}
	if _, err := w.Commit(ctx, vfs.CommitOptions{ModTime: time.Unix(0, 0)}); err != nil {
		t.Error(err)
	}
}

// events delivers the log, line by line.
type events struct{ lines chan string }

func (e *events) writer() io.Writer {
	e.lines = make(chan string, 10)
	return e
}

func (e *events) Write(line []byte) (int, error) {
	e.lines <- string(line)
	return len(line), nil
}

// next waits for a line; without one the test fails at the time limit of the test binary.
func (e *events) next(t *testing.T) string {
	t.Helper()
	select {
	case line := <-e.lines:
		return line
	case <-t.Context().Done():
		t.Fatal("nothing was logged")
		return ""
	}
}

// TestModes states the permissions of new files and directories.
func TestModes(t *testing.T) {
	root := t.TempDir()
	b := open(t, root, local.Options{Fsync: true})
	must(t, put(t.Context(), b, "/dir/file", vfs.CreateOptions{}, "x"))
	for name, most := range map[string]os.FileMode{"dir": os.ModeDir | 0o750, "dir/file": 0o640} {
		fi, err := os.Stat(filepath.Join(root, name))
		must(t, err)
		if got := fi.Mode(); got&^most != 0 || got&0o600 == 0 {
			t.Errorf("%s has mode %v, want at most %v", name, got, most)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o644))
	for _, root := range []string{file, filepath.Join(filepath.Dir(file), "missing"), ""} {
		if b, err := local.New(root, local.Options{}); err == nil {
			t.Errorf("New(%q) succeeded", root)
			must(t, b.Close())
		}
	}
}
