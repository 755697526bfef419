package local_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/vfs"
)

// No link leads out of a Backend of Confine, to other entries of the same root.
func TestConfineHoldsLinks(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"a", "ab/empty"} {
		must(t, os.MkdirAll(filepath.Join(root, dir), 0o755))
	}
	must(t, os.WriteFile(filepath.Join(root, "ab", "secret"), []byte(secret), 0o644))
	for link, target := range map[string]string{"dir": "../ab", "file": "../ab/secret", "absolute": filepath.Join(root, "ab"), "up": ".."} {
		must(t, os.Symlink(target, filepath.Join(root, "a", link)))
	}
	whole := open(t, root, local.Options{})
	b, err := whole.Confine(vfs.MustParse("/a"))
	must(t, err)
	ctx := t.Context()
	for info, err := range b.List(ctx, vfs.Path{}) {
		t.Errorf("listed: %+v, %v", info, err)
	}
	for _, p := range []string{"/dir/secret", "/file", "/absolute/secret", "/up/ab/secret"} {
		if content, err := get(ctx, b, p); err == nil {
			t.Errorf("%s reads %q", p, content)
		}
		if _, err := b.Stat(ctx, vfs.MustParse(p), vfs.TypeAny); err == nil {
			t.Errorf("%s is there", p)
		}
		must(t, put(ctx, b, "/own", vfs.CreateOptions{}, "own"))
		if _, err := b.Copy(ctx, vfs.MustParse(p), vfs.MustParse("/stolen"), vfs.CopyOptions{}); err == nil {
			t.Errorf("%s was copied", p)
		}
		if err := b.Rename(ctx, vfs.MustParse(p), vfs.MustParse("/stolen"), vfs.RenameOptions{}); err == nil {
			t.Errorf("%s was renamed", p)
		}
		if err := b.SetModTime(ctx, vfs.MustParse(p), time.Unix(1, 0)); err == nil {
			t.Errorf("the time of %s was set", p)
		}
		if p == "/file" {
			continue // these replace or remove the link itself
		}
		if err := put(ctx, b, p, vfs.CreateOptions{}, "replaced"); err == nil {
			t.Errorf("%s was replaced", p)
		}
		if err := b.Rename(ctx, vfs.MustParse("/own"), vfs.MustParse(p), vfs.RenameOptions{}); err == nil {
			t.Errorf("%s was replaced by a rename", p)
		}
		if err := b.Remove(ctx, vfs.MustParse(p), vfs.TypeFile); err == nil {
			t.Errorf("%s was removed", p)
		}
	}
	must(t, put(ctx, b, "/file", vfs.CreateOptions{}, "replaced"))
	if err := b.Mkdir(ctx, vfs.MustParse("/dir/made")); err == nil {
		t.Error("a directory was made behind a link")
	}
	if content, err := get(ctx, whole, "/ab/secret"); err != nil || content != secret {
		t.Errorf("the file of the other holds %q, %v", content, err)
	}
	if entries, err := os.ReadDir(filepath.Join(root, "ab")); err != nil || len(entries) != 2 {
		t.Errorf("the directory of the other holds %v, %v", entries, err)
	}
}

// A directory that was removed and created again is used, by a Backend and by a Backend of
// Confine.
func TestNewDirectoryIsSeen(t *testing.T) {
	root := filepath.Join(t.TempDir(), "root")
	must(t, os.MkdirAll(filepath.Join(root, "a"), 0o755))
	whole := open(t, root, local.Options{})
	confined, err := whole.Confine(vfs.MustParse("/a"))
	must(t, err)
	ctx := context.Background()
	for _, b := range []vfs.Backend{whole, confined} {
		must(t, put(ctx, b, "/old", vfs.CreateOptions{}, "old"))
	}
	must(t, os.RemoveAll(root))
	if _, err := whole.Stat(ctx, vfs.MustParse("/old"), vfs.TypeAny); vfs.KindOf(err) != vfs.KindUnavailable {
		t.Errorf("without a root: %v, want unavailable", err)
	}
	must(t, os.MkdirAll(root, 0o755))
	for name, b := range map[string]vfs.Backend{"": whole, "a": confined} {
		if _, err := b.Stat(ctx, vfs.MustParse("/old"), vfs.TypeAny); vfs.KindOf(err) != vfs.KindNotExist {
			t.Errorf("%q: what was removed is there: %v", name, err)
		}
		must(t, put(ctx, b, "/new", vfs.CreateOptions{}, "new"))
		if content, err := os.ReadFile(filepath.Join(root, name, "new")); err != nil || string(content) != "new" {
			t.Errorf("%q: the new root holds %q, %v", name, content, err)
		}
	}
}

// A Backend of Confine can be confined again. No link leads out of the inner directory, and
// the outer one need not exist.
func TestConfineWithin(t *testing.T) {
	root := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(root, "t", "a"), 0o755))
	must(t, os.MkdirAll(filepath.Join(root, "other", "a"), 0o755))
	for _, name := range []string{"t/secret", "other/a/secret"} {
		must(t, os.WriteFile(filepath.Join(root, name), []byte(secret), 0o644))
	}
	must(t, os.Symlink("..", filepath.Join(root, "t", "a", "up")))
	must(t, os.Symlink("../other", filepath.Join(root, "t", "link")))
	whole := open(t, root, local.Options{})
	ctx := t.Context()
	within := func(outer, inner string) vfs.Backend {
		b, err := whole.Confine(vfs.MustParse(outer))
		must(t, err)
		b, err = b.(vfs.Confiner).Confine(vfs.MustParse(inner))
		must(t, err)
		return b
	}
	for _, p := range []string{"/up/secret", "/secret"} {
		for _, inner := range []string{"/a", "/link/a"} {
			if content, err := get(ctx, within("/t", inner), p); err == nil {
				t.Errorf("%s of %s reads %q", p, inner, content)
			}
		}
	}
	none := within("/none/t", "/customers/b")
	for info, err := range none.List(ctx, vfs.Path{}) {
		if err == nil {
			t.Errorf("listed: %+v", info)
		}
	}
	must(t, put(ctx, none, "/deep/own", vfs.CreateOptions{}, "own"))
	if content, err := get(ctx, whole, "/none/t/customers/b/deep/own"); err != nil || content != "own" {
		t.Errorf("the file holds %q, %v", content, err)
	}
}
