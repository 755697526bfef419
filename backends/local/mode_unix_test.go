//go:build unix

package local_test

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/vfs"
)

// All new files and directories have the configured modes, regardless of the umask, and
// inherit setgid.
func TestConfiguredModes(t *testing.T) {
	root := t.TempDir()
	must(t, os.Chmod(root, 0o775|fs.ModeSetgid))
	c := &local.Config{Root: root, FileMode: "0666", DirMode: "777"}
	whole, err := c.Open(t.Context(), backends.Env{Name: "disk", Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	defer func() { must(t, whole.Close()) }()
	mount, err := whole.(vfs.Confiner).Confine(vfs.MustParse("/mounts/one"))
	must(t, err)
	must(t, whole.Mkdir(t.Context(), vfs.MustParse("/made/deeper")))
	for _, b := range []vfs.Backend{whole, mount} {
		w, err := b.Create(t.Context(), vfs.MustParse("/parents/of/file"), vfs.CreateOptions{})
		must(t, err)
		_, err = w.Write([]byte("x"))
		must(t, err)
		_, err = w.Commit(t.Context(), vfs.CommitOptions{})
		must(t, err)
		_, err = b.Copy(t.Context(), vfs.MustParse("/parents/of/file"), vfs.MustParse("/copies/file"), vfs.CopyOptions{})
		must(t, err)
	}
	seen := 0
	must(t, filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == root {
			return err
		}
		seen++
		fi, err := d.Info()
		want := fs.FileMode(0o666)
		if d.IsDir() {
			want = fs.ModeDir | fs.ModeSetgid | 0o777
		}
		if err == nil && fi.Mode() != want {
			t.Errorf("%s has the mode %v, want %v", name, fi.Mode(), want)
		}
		return err
	}))
	if seen != 14 {
		t.Errorf("found %d entries, want 14", seen)
	}
}
