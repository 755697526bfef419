package local_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/vfs"
)

// secret is the content of a file that no client may read or change.
const secret = "outside the root"

// jail returns a Backend, its root, and a directory outside of it that holds the secret.
func jail(t *testing.T) (b *local.Backend, root, outside string) {
	t.Helper()
	base := t.TempDir()
	root, outside = filepath.Join(base, "root"), filepath.Join(base, "outside")
	for _, dir := range []string{root, outside, filepath.Join(outside, "empty")} {
		must(t, os.Mkdir(dir, 0o755))
	}
	must(t, os.WriteFile(filepath.Join(outside, "secret"), []byte(secret), 0o644))
	return open(t, root, local.Options{}), root, outside
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(ctx context.Context, b vfs.Backend, p string, o vfs.CreateOptions, content string) error {
	w, err := b.Create(ctx, vfs.MustParse(p), o)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.WriteString(w, content); err != nil {
		return err
	}
	_, err = w.Commit(ctx, vfs.CommitOptions{})
	return err
}

func get(ctx context.Context, b vfs.Backend, p string) (content string, err error) {
	r, err := b.Open(ctx, vfs.MustParse(p), vfs.OpenOptions{})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	all, err := io.ReadAll(r)
	return string(all), err
}

func names(ctx context.Context, b vfs.Backend, p string) ([]string, error) {
	var all []string
	for info, err := range b.List(ctx, vfs.MustParse(p)) {
		if err != nil {
			return all, err
		}
		all = append(all, info.Name)
	}
	slices.Sort(all)
	return all, nil
}

// snapshot returns the entries of a directory of the host, with times.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := entry.Info()
		if err != nil {
			return err
		}
		all[name] = fi.Mode().String() + fi.ModTime().String()
		if fi.Mode().IsRegular() {
			content, err := os.ReadFile(name)
			all[name] += string(content)
			return err
		}
		return nil
	}))
	return all
}

// escapes returns calls of every operation that could follow a path out of the root.
func escapes(b vfs.Backend, leaf, dir string) map[string]func(ctx context.Context) error {
	calls := map[string]func(ctx context.Context) error{
		"Stat": func(ctx context.Context) error { _, err := b.Stat(ctx, vfs.MustParse(leaf), vfs.TypeAny); return err },
		"Open": func(ctx context.Context) error { _, err := get(ctx, b, leaf); return err },
		"append": func(ctx context.Context) error {
			return put(ctx, b, leaf, vfs.CreateOptions{Mode: vfs.ModeAppend}, "x")
		},
		"SetModTime": func(ctx context.Context) error { return b.SetModTime(ctx, vfs.MustParse(leaf), time.Unix(1e9, 0)) },
		"Remove":     func(ctx context.Context) error { return b.Remove(ctx, vfs.MustParse(leaf), vfs.TypeFile) },
		"Copy from": func(ctx context.Context) error {
			_, err := b.Copy(ctx, vfs.MustParse(leaf), vfs.MustParse("/stolen"), vfs.CopyOptions{})
			return err
		},
		"Rename from": func(ctx context.Context) error {
			return b.Rename(ctx, vfs.MustParse(leaf), vfs.MustParse("/stolen"), vfs.RenameOptions{})
		},
		"Rename from, exclusively": func(ctx context.Context) error {
			return b.Rename(ctx, vfs.MustParse(leaf), vfs.MustParse("/stolen"), vfs.RenameOptions{NoReplace: true})
		},
	}
	if dir == "" {
		return calls
	}
	below := func(name string) vfs.Path { return vfs.MustParse(dir + "/" + name) }
	calls["List"] = func(ctx context.Context) error { _, err := names(ctx, b, dir); return err }
	calls["Create"] = func(ctx context.Context) error { return put(ctx, b, dir+"/new", vfs.CreateOptions{}, "x") }
	calls["Create, exclusively"] = func(ctx context.Context) error {
		return put(ctx, b, dir+"/new", vfs.CreateOptions{Mode: vfs.ModeExclusive}, "x")
	}
	calls["Create over"] = func(ctx context.Context) error { return put(ctx, b, leaf, vfs.CreateOptions{}, "x") }
	calls["Create below"] = func(ctx context.Context) error { return put(ctx, b, dir+"/a/b/new", vfs.CreateOptions{}, "x") }
	calls["Mkdir"] = func(ctx context.Context) error { return b.Mkdir(ctx, below("new")) }
	calls["Mkdir, nested"] = func(ctx context.Context) error { return b.Mkdir(ctx, below("a/b")) }
	calls["Remove of a directory"] = func(ctx context.Context) error { return b.Remove(ctx, below("empty"), vfs.TypeDir) }
	calls["Copy to"] = func(ctx context.Context) error {
		_, err := b.Copy(ctx, vfs.MustParse("/file"), below("secret"), vfs.CopyOptions{})
		return err
	}
	calls["Rename to"] = func(ctx context.Context) error {
		return b.Rename(ctx, vfs.MustParse("/file"), below("secret"), vfs.RenameOptions{})
	}
	calls["Rename to, exclusively"] = func(ctx context.Context) error {
		return b.Rename(ctx, vfs.MustParse("/file"), below("new"), vfs.RenameOptions{NoReplace: true})
	}
	return calls
}

func TestLinksDoNotLeadOut(t *testing.T) {
	tests := []struct {
		name      string
		link      func(outside string) (to, name string) // name is relative to the root
		leaf, dir string
	}{
		{
			"file, absolute",
			func(outside string) (string, string) { return filepath.Join(outside, "secret"), "leak" }, "/leak", "",
		},
		{"file, relative", func(string) (string, string) { return "../outside/secret", "leak" }, "/leak", ""},
		{"directory, absolute", func(outside string) (string, string) { return outside, "out" }, "/out/secret", "/out"},
		{"directory, relative", func(string) (string, string) { return "../outside", "out" }, "/out/secret", "/out"},
		{"directory above", func(string) (string, string) { return "..", "up" }, "/up/outside/secret", "/up/outside"},
		{"the root of the host", func(string) (string, string) { return "/", "slash" }, "/slash/etc/passwd", "/slash/tmp"},
		{"in a directory", func(string) (string, string) { return "../../outside", "sub/out" }, "/sub/out/secret", "/sub/out"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, root, outside := jail(t)
			must(t, put(t.Context(), b, "/file", vfs.CreateOptions{}, "inside"))
			must(t, os.Mkdir(filepath.Join(root, "sub"), 0o755))
			to, name := tt.link(outside)
			must(t, os.Symlink(to, filepath.Join(root, name)))
			before := snapshot(t, filepath.Dir(root))
			for what, call := range escapes(b, tt.leaf, tt.dir) {
				if err := call(t.Context()); vfs.KindOf(err) != vfs.KindPermission {
					t.Errorf("%s: %v, want kind permission", what, err)
				}
				if diff := cmp.Diff(snapshot(t, filepath.Dir(root)), before); diff != "" {
					t.Fatalf("%s changed something, got -, want +:\n%s", what, diff)
				}
			}
			for _, dir := range []string{"/", "/sub"} {
				if got, err := names(t.Context(), b, dir); err != nil || slices.Contains(got, filepath.Base(name)) {
					t.Errorf("List(%q) = %q, %v, want no link that leads out", dir, got, err)
				}
			}
		})
	}
}

// TestLinkOutIsReplaced: a new file replaces the link, not its target.
func TestLinkOutIsReplaced(t *testing.T) {
	b, root, outside := jail(t)
	before := snapshot(t, outside)
	must(t, os.Symlink(filepath.Join(outside, "secret"), filepath.Join(root, "leak")))
	must(t, put(t.Context(), b, "/leak", vfs.CreateOptions{}, "new"))
	if got, err := get(t.Context(), b, "/leak"); got != "new" {
		t.Errorf("the new file holds %q, %v", got, err)
	}
	must(t, b.Remove(t.Context(), vfs.MustParse("/leak"), vfs.TypeFile))
	must(t, os.Symlink(filepath.Join(outside, "secret"), filepath.Join(root, "leak")))
	must(t, put(t.Context(), b, "/file", vfs.CreateOptions{}, "moved"))
	must(t, b.Rename(t.Context(), vfs.MustParse("/file"), vfs.MustParse("/leak"), vfs.RenameOptions{}))
	if diff := cmp.Diff(snapshot(t, outside), before); diff != "" {
		t.Errorf("outside changed, got -, want +:\n%s", diff)
	}
}

// TestLinkSwappedMeanwhile keeps replacing a directory by a link that leads out, during
// every operation of a client.
func TestLinkSwappedMeanwhile(t *testing.T) {
	b, root, outside := jail(t)
	must(t, os.Mkdir(filepath.Join(root, "real"), 0o755))
	must(t, os.WriteFile(filepath.Join(root, "real", "secret"), []byte("inside"), 0o644))
	must(t, os.Symlink(outside, filepath.Join(root, "link")))
	before := snapshot(t, outside)
	ctx, cancel := context.WithCancel(t.Context())
	swapped := make(chan int, 1)
	go func() {
		n := 0
		at := func(name string) string { return filepath.Join(root, name) }
		for ; ctx.Err() == nil; n++ {
			// "d" is alternately the directory, the link, and missing.
			_ = os.Rename(at("real"), at("d"))
			_ = os.Rename(at("d"), at("real"))
			_ = os.Rename(at("link"), at("d"))
			_ = os.Rename(at("d"), at("link"))
		}
		swapped <- n
	}()
	for range 200 {
		for what, call := range escapes(b, "/d/secret", "/d") {
			_ = call(t.Context()) // any result is allowed, but no access
			if got, _ := get(t.Context(), b, "/d/secret"); strings.Contains(got, secret) {
				t.Errorf("%s: the secret was read", what)
			}
			if got, _ := get(t.Context(), b, "/stolen"); strings.Contains(got, secret) {
				t.Errorf("%s: the secret was stolen", what)
			}
		}
	}
	cancel()
	if n := <-swapped; n < 100 {
		t.Errorf("the link was swapped only %d times", n)
	}
	if diff := cmp.Diff(snapshot(t, outside), before); diff != "" {
		t.Errorf("outside changed, got -, want +:\n%s", diff)
	}
}

// TestLinksInside states the behaviour of links within the root.
func TestLinksInside(t *testing.T) {
	b, root, _ := jail(t)
	ctx := t.Context()
	must(t, put(ctx, b, "/dir/file", vfs.CreateOptions{}, "content"))
	for name, to := range map[string]string{
		"to-file": "dir/file", "to-dir": "dir", "dir/to-itself": "file", "dangling": "nowhere", "loop": "loop",
		"absolute": filepath.Join(root, "dir"),
	} {
		must(t, os.Symlink(to, filepath.Join(root, name)))
	}
	if got, err := names(ctx, b, "/"); err != nil || !slices.Equal(got, []string{"dir", "to-dir", "to-file"}) {
		t.Errorf("List of the root = %q, %v", got, err)
	}
	if got, err := names(ctx, b, "/to-dir"); err != nil || !slices.Equal(got, []string{"file", "to-itself"}) {
		t.Errorf("List through the link = %q, %v", got, err)
	}
	for _, name := range []string{"/to-file", "/to-dir/file", "/to-dir/to-itself"} {
		if got, err := get(ctx, b, name); got != "content" {
			t.Errorf("reading %q = %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"/dangling", "/loop", "/loop/x"} {
		if _, err := b.Stat(ctx, vfs.MustParse(name), vfs.TypeAny); vfs.KindOf(err) != vfs.KindNotExist {
			t.Errorf("Stat(%q): %v, want kind not-exist", name, err)
		}
	}
	refused := map[string]struct {
		err  error
		want vfs.Kind
	}{
		"a file onto a link to a directory": {put(ctx, b, "/to-dir", vfs.CreateOptions{}, "x"), vfs.KindIsDir},
		"Remove of a link to a full directory": {
			b.Remove(ctx, vfs.MustParse("/to-dir"), vfs.TypeDir), vfs.KindNotEmpty,
		},
		"Rename of a link": {
			b.Rename(ctx, vfs.MustParse("/to-file"), vfs.MustParse("/dir/elsewhere"), vfs.RenameOptions{}), vfs.KindUnsupported,
		},
		"Mkdir where a dangling link is": {b.Mkdir(ctx, vfs.MustParse("/dangling")), vfs.KindExist},
	}
	for what, r := range refused {
		if vfs.KindOf(r.err) != r.want || r.err == nil {
			t.Errorf("%s: %v, want kind %v", what, r.err, r.want)
		}
	}
	// Replacing or removing a link does not change its target.
	must(t, put(ctx, b, "/to-file", vfs.CreateOptions{Mode: vfs.ModeAppend}, " and more"))
	if got, err := get(ctx, b, "/to-file"); got != "content and more" {
		t.Errorf("appending to a link makes %q, %v", got, err)
	}
	must(t, b.Remove(ctx, vfs.MustParse("/dir/to-itself"), vfs.TypeFile))
	if got, err := get(ctx, b, "/dir/file"); got != "content" {
		t.Errorf("what the links lead to holds %q, %v", got, err)
	}
}
