package vfs_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/testing/faulty"
	"github.com/tidegate/tidegate/vfs"
)

func path(s string) vfs.Path { return vfs.MustParse(s) }

func newView(t *testing.T, o vfs.ViewOptions) *vfs.View {
	t.Helper()
	v, err := vfs.NewView(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// one returns a view of a whole backend with all rights.
func one(t *testing.T, b vfs.Backend) *vfs.View {
	t.Helper()
	return newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll})
}

func put(t *testing.T, v *vfs.View, p, text string) {
	t.Helper()
	if err := tryPut(t.Context(), v, p, text, vfs.CreateOptions{}); err != nil {
		t.Fatalf("put %s: %v", p, err)
	}
}

func tryPut(ctx context.Context, v *vfs.View, p, text string, o vfs.CreateOptions) error {
	w, err := v.Create(ctx, path(p), o)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.Copy(w, strings.NewReader(text)); err != nil {
		return err
	}
	_, err = w.Commit(ctx, vfs.CommitOptions{})
	return err
}

func get(t *testing.T, v *vfs.View, p string) string {
	t.Helper()
	r, err := v.Open(t.Context(), path(p), vfs.OpenOptions{})
	if err != nil {
		t.Fatalf("get %s: %v", p, err)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("get %s: %v", p, err)
	}
	return string(b)
}

// list returns the names in p, directories with a slash.
func list(t *testing.T, v *vfs.View, p string) []string {
	t.Helper()
	names, err := tryList(t.Context(), v, p)
	if err != nil {
		t.Fatalf("list %s: %v", p, err)
	}
	return names
}

func tryList(ctx context.Context, v *vfs.View, p string) ([]string, error) {
	names := []string{}
	for info, err := range v.List(ctx, path(p)) {
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			info.Name += "/"
		}
		names = append(names, info.Name)
	}
	slices.Sort(names)
	return names, nil
}

func wantKind(t *testing.T, what string, err error, want vfs.Kind) {
	t.Helper()
	if err == nil || vfs.KindOf(err) != want {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestNewViewChecks(t *testing.T) {
	b := memory.New()
	for name, o := range map[string]vfs.ViewOptions{
		"no mounts":        {},
		"no backend":       {Mounts: []vfs.Mount{{}}},
		"two at one place": {Mounts: []vfs.Mount{{Backend: b}, {Backend: b, Root: path("/x")}}},
	} {
		if _, err := vfs.NewView(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestMounts(t *testing.T) {
	files, archive := memory.New(), memory.New()
	everything := one(t, files)
	put(t, everything, "/tenant/a", "a")
	put(t, everything, "/tenant/archive/hidden", "hidden by the mount")
	put(t, everything, "/tenant-2/secret", "not ours")
	put(t, one(t, archive), "/old", "old")
	v := newView(t, vfs.ViewOptions{
		Allow: vfs.PermAll,
		Home:  path("/in/coming"),
		Mounts: []vfs.Mount{
			{Backend: files, Root: path("/tenant")},
			{At: path("/archive"), Backend: archive, ReadOnly: true},
			{At: path("/deep/down/there"), Backend: archive},
		},
	})

	t.Run("an inner mount hides what is below it", func(t *testing.T) {
		if diff := cmp.Diff([]string{"a", "archive/", "deep/", "in/"}, list(t, v, "/")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"old"}, list(t, v, "/archive")); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("what leads to a mount exists", func(t *testing.T) {
		if diff := cmp.Diff([]string{"down/"}, list(t, v, "/deep")); diff != "" {
			t.Error(diff)
		}
		if info, err := v.Stat(t.Context(), path("/deep/down"), vfs.TypeDir); err != nil || !info.IsDir() || info.Name != "down" {
			t.Errorf("Stat = %+v, %v", info, err)
		}
	})
	t.Run("nothing leads out of a mount", func(t *testing.T) {
		for _, raw := range []string{"/../tenant-2/secret", "/archive/../../tenant-2/secret", "/-2/secret"} {
			_, err := v.Open(t.Context(), path(raw), vfs.OpenOptions{})
			wantKind(t, raw, err, vfs.KindNotExist)
		}
	})
	t.Run("home exists and is empty", func(t *testing.T) {
		if got := list(t, v, "/in/coming"); len(got) != 0 {
			t.Errorf("home holds %v", got)
		}
		put(t, v, "/in/coming/x", "x")
		if diff := cmp.Diff([]string{"in/", "archive/"}, slices.DeleteFunc(list(t, v, "/"), func(n string) bool {
			return n == "a" || n == "deep/"
		}), cmp.Transformer("sorted", func(s []string) []string { return slices.Sorted(slices.Values(s)) })); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("read-only", func(t *testing.T) {
		wantKind(t, "put", tryPut(t.Context(), v, "/archive/new", "", vfs.CreateOptions{}), vfs.KindPermission)
		wantKind(t, "remove", v.Remove(t.Context(), path("/archive/old"), vfs.TypeFile), vfs.KindPermission)
		if got := get(t, v, "/archive/old"); got != "old" {
			t.Errorf("content %q", got)
		}
	})
	t.Run("across mounts", func(t *testing.T) {
		wantKind(t, "rename", v.Rename(t.Context(), path("/a"), path("/deep/down/there/a"), vfs.RenameOptions{}), vfs.KindCrossMount)
	})
	t.Run("fixed directories stay", func(t *testing.T) {
		ctx := t.Context()
		for _, p := range []string{"/", "/deep/down/there", "/deep", "/in", "/in/coming"} {
			wantKind(t, "mkdir "+p, v.Mkdir(ctx, path(p)), vfs.KindExist)
			wantKind(t, "rmdir "+p, v.Remove(ctx, path(p), vfs.TypeDir), vfs.KindPermission)
			wantKind(t, "dele "+p, v.Remove(ctx, path(p), vfs.TypeFile), vfs.KindIsDir)
			wantKind(t, "rename "+p, v.Rename(ctx, path(p), path("/other"), vfs.RenameOptions{}), vfs.KindPermission)
			wantKind(t, "rename to "+p, v.Rename(ctx, path("/a"), path(p), vfs.RenameOptions{}), vfs.KindExist)
			wantKind(t, "put "+p, tryPut(ctx, v, p, "", vfs.CreateOptions{}), vfs.KindIsDir)
			_, err := v.Open(ctx, path(p), vfs.OpenOptions{})
			wantKind(t, "open "+p, err, vfs.KindIsDir)
		}
	})
}

// Operations on files refuse a path that can only name a directory, without a request to
// the store; others require a directory.
func TestOnlyDirIsNoFile(t *testing.T) {
	b := memory.New()
	put(t, one(t, b), "/file", "old")
	put(t, one(t, b), "/dir/file", "old")
	v, deaf := one(t, b), one(t, struct{ vfs.Backend }{}) // each of its methods panics
	ctx := t.Context()
	for _, raw := range []string{"/file/", "/file/.", "/dir/", "/dir/../dir/", "/none/"} {
		p, err := vfs.ParsePath(vfs.Path{}, raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range []vfs.Mode{vfs.ModeReplace, vfs.ModeExclusive, vfs.ModeAppend, vfs.ModeResume} {
			_, err := deaf.Create(ctx, p, vfs.CreateOptions{Mode: mode})
			wantKind(t, "create "+raw, err, vfs.KindIsDir)
		}
		_, err = deaf.Open(ctx, p, vfs.OpenOptions{})
		wantKind(t, "open "+raw, err, vfs.KindIsDir)
		_, err = deaf.Copy(ctx, path("/file"), p, vfs.CopyOptions{})
		wantKind(t, "copy to "+raw, err, vfs.KindIsDir)
		_, err = deaf.Copy(ctx, p, path("/new"), vfs.CopyOptions{})
		wantKind(t, "copy from "+raw, err, vfs.KindIsDir)
		_, err = deaf.Stat(ctx, p, vfs.TypeFile)
		wantKind(t, "stat "+raw, err, vfs.KindIsDir)
		wantKind(t, "remove "+raw, deaf.Remove(ctx, p, vfs.TypeFile), vfs.KindIsDir)
		refusal := vfs.KindNotDir
		if p.EndsInDots() {
			refusal = vfs.KindInvalid
		}
		wantKind(t, "rename of a version to "+raw, deaf.Rename(ctx, path("/file"), p, vfs.RenameOptions{Version: "1"}), refusal)
		wantKind(t, "rename of a file to "+raw, v.Rename(ctx, path("/file"), p, vfs.RenameOptions{}), refusal)
	}
	file, err := vfs.ParsePath(vfs.Path{}, "/file/")
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Stat(ctx, file, vfs.TypeAny)
	wantKind(t, "stat", err, vfs.KindNotDir)
	wantKind(t, "rename", v.Rename(ctx, file, path("/new"), vfs.RenameOptions{}), vfs.KindNotDir)
	wantKind(t, "rmdir", v.Remove(ctx, file, vfs.TypeDir), vfs.KindNotDir)
	for _, err := range v.List(ctx, file) {
		var e *vfs.Error
		if !errors.As(err, &e) || e.Kind != vfs.KindNotDir || e.Found != nil {
			t.Errorf("list: %v, want not a directory and no file", err)
		}
	}
	wantKind(t, "settime", v.SetModTime(ctx, file, time.Unix(1, 0)), vfs.KindNotDir)
	if got := get(t, v, "/file") + get(t, v, "/dir/file"); got != "oldold" {
		t.Errorf("the files hold %q", got)
	}
}

// TestDirectoriesHaveATime: also where the store has none.
func TestDirectoriesHaveATime(t *testing.T) {
	b := memory.New()
	v := newView(t, vfs.ViewOptions{
		Mounts: []vfs.Mount{{At: path("/store"), Backend: b}, {At: path("/timeless"), Backend: timeless{b}}},
		Home:   path("/timeless"), Allow: vfs.PermAll,
	})
	if err := v.Mkdir(t.Context(), path("/store/dir")); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"/", "/store", "/store/dir", "/timeless", "/timeless/dir"} {
		info, err := v.Stat(t.Context(), path(p), vfs.TypeAny)
		if err != nil || time.Since(info.ModTime).Abs() > time.Hour {
			t.Errorf("Stat(%s) = %+v, %v", p, info, err)
		}
		for info, err := range v.List(t.Context(), path(p)) {
			if err != nil || time.Since(info.ModTime).Abs() > time.Hour {
				t.Errorf("List(%s): %+v, %v", p, info, err)
			}
		}
	}
}

// timeless is a store whose directories have no time.
type timeless struct{ vfs.Backend }

func (b timeless) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	info, err := b.Backend.Stat(ctx, p, want)
	info.ModTime = time.Time{}
	return info, err
}

func (b timeless) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		for info, err := range b.Backend.List(ctx, p) {
			info.ModTime = time.Time{}
			if !yield(info, err) {
				return
			}
		}
	}
}

// Missing parents are created for users with the right to, where the mount allows it;
// otherwise they must exist.
func TestParents(t *testing.T) {
	ops := map[string]func(ctx context.Context, v *vfs.View, to string) error{
		"create": func(ctx context.Context, v *vfs.View, to string) error {
			return tryPut(ctx, v, to, "x", vfs.CreateOptions{})
		},
		"append": func(ctx context.Context, v *vfs.View, to string) error {
			return tryPut(ctx, v, to, "x", vfs.CreateOptions{Mode: vfs.ModeAppend})
		},
		"rename": func(ctx context.Context, v *vfs.View, to string) error {
			return v.Rename(ctx, path("/m/file"), path(to), vfs.RenameOptions{})
		},
		"rename of a directory": func(ctx context.Context, v *vfs.View, to string) error {
			return v.Rename(ctx, path("/m/dir"), path(to), vfs.RenameOptions{})
		},
		"copy": func(ctx context.Context, v *vfs.View, to string) error {
			_, err := v.Copy(ctx, path("/m/file"), path(to), vfs.CopyOptions{})
			return err
		},
		"mkdir": func(ctx context.Context, v *vfs.View, to string) error { return v.Mkdir(ctx, path(to)) },
	}
	for name, op := range ops {
		t.Run(name, func(t *testing.T) {
			for _, test := range []struct {
				allow   vfs.Permission
				require bool
				makes   bool
			}{{vfs.PermAll, false, true}, {vfs.PermAll, true, false}, {vfs.PermAll &^ vfs.PermMkdir, false, false}} {
				if name == "mkdir" && test.allow&vfs.PermMkdir == 0 {
					continue
				}
				b := memory.New()
				mounts := []vfs.Mount{{Backend: b, At: path("/m"), Root: path("/root"), RequireParents: test.require}}
				all := newView(t, vfs.ViewOptions{Mounts: mounts, Allow: vfs.PermAll})
				for _, dir := range []string{"/m/dir", "/m/there"} {
					if err := all.Mkdir(t.Context(), path(dir)); err != nil {
						t.Fatal(err)
					}
				}
				put(t, all, "/m/file", "x")
				v := newView(t, vfs.ViewOptions{Mounts: mounts, Home: path("/m/home/ann"), Allow: test.allow})
				err := op(t.Context(), v, "/m/none/deep/x")
				if test.makes && err != nil || !test.makes && vfs.KindOf(err) != vfs.KindNotExist {
					t.Errorf("%+v: below nothing: %v", test, err)
				}
				if _, err := all.Stat(t.Context(), path("/m/none"), vfs.TypeAny); (err == nil) != test.makes {
					t.Errorf("%+v: stat of the directory: %v", test, err)
				}
				if test.makes {
					continue
				}
				wantKind(t, "below a file", op(t.Context(), v, "/m/file/x"), vfs.KindNotExist)
				target := "/m/there/x"
				if name == "create" {
					target = "/m/home/ann/x" // the home, which always exists
				}
				if err := op(t.Context(), v, target); err != nil {
					t.Errorf("%+v: in a directory: %v", test, err)
				}
			}
		})
	}
}

// Where parents are created with an entry, no request looks for them.
func TestParentsCostNothing(t *testing.T) {
	b := faulty.New(memory.New())
	v := newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll})
	put(t, v, "/a/b/c", "x")
	if err := v.Rename(t.Context(), path("/a/b/c"), path("/d/e"), vfs.RenameOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := b.Calls(faulty.OpStat); n > 0 {
		t.Errorf("the store was asked %d times", n)
	}
}

func TestOutsideOfAllMounts(t *testing.T) {
	v := newView(t, vfs.ViewOptions{Allow: vfs.PermAll, Mounts: []vfs.Mount{{At: path("/only"), Backend: memory.New()}}})
	ctx := t.Context()
	wantKind(t, "put", tryPut(ctx, v, "/x", "", vfs.CreateOptions{}), vfs.KindPermission)
	wantKind(t, "mkdir", v.Mkdir(ctx, path("/x")), vfs.KindPermission)
	_, err := v.Stat(ctx, path("/x"), vfs.TypeAny)
	wantKind(t, "stat", err, vfs.KindNotExist)
	_, err = tryList(ctx, v, "/x")
	wantKind(t, "list", err, vfs.KindNotExist)
	if diff := cmp.Diff([]string{"only/"}, list(t, v, "/")); diff != "" {
		t.Error(diff)
	}
	if caps := v.Caps(path("/x")); caps != (vfs.Caps{}) {
		t.Errorf("no store has %+v", caps)
	}
}

// Each right allows its own operations and no other.
func TestPermissions(t *testing.T) {
	ops := map[string]struct {
		needs vfs.Permission
		run   func(ctx context.Context, v *vfs.View) error
	}{
		"list": {vfs.PermList, func(ctx context.Context, v *vfs.View) error { _, err := tryList(ctx, v, "/"); return err }},
		"read": {vfs.PermRead, func(ctx context.Context, v *vfs.View) error {
			r, err := v.Open(ctx, path("/f"), vfs.OpenOptions{})
			closeIf(r, err)
			return err
		}},
		"write":     {vfs.PermWrite, func(ctx context.Context, v *vfs.View) error { return tryPut(ctx, v, "/new", "", vfs.CreateOptions{}) }},
		"overwrite": {vfs.PermWrite | vfs.PermOverwrite, func(ctx context.Context, v *vfs.View) error { return tryPut(ctx, v, "/f", "", vfs.CreateOptions{}) }},
		"append": {vfs.PermWrite | vfs.PermOverwrite, func(ctx context.Context, v *vfs.View) error {
			return tryPut(ctx, v, "/f", "", vfs.CreateOptions{Mode: vfs.ModeAppend})
		}},
		"resume": {vfs.PermWrite | vfs.PermOverwrite, func(ctx context.Context, v *vfs.View) error {
			return tryPut(ctx, v, "/f", "", vfs.CreateOptions{Mode: vfs.ModeResume, Offset: 3})
		}},
		"append to new": {vfs.PermWrite, func(ctx context.Context, v *vfs.View) error {
			return tryPut(ctx, v, "/new", "", vfs.CreateOptions{Mode: vfs.ModeAppend})
		}},
		"delete": {vfs.PermDelete, func(ctx context.Context, v *vfs.View) error { return v.Remove(ctx, path("/f"), vfs.TypeFile) }},
		"rmdir":  {vfs.PermDelete, func(ctx context.Context, v *vfs.View) error { return v.Remove(ctx, path("/d"), vfs.TypeDir) }},
		"mkdir":  {vfs.PermMkdir, func(ctx context.Context, v *vfs.View) error { return v.Mkdir(ctx, path("/e")) }},
		"rename": {vfs.PermRename, func(ctx context.Context, v *vfs.View) error {
			return v.Rename(ctx, path("/f"), path("/g"), vfs.RenameOptions{})
		}},
		"rename over": {vfs.PermRename | vfs.PermOverwrite, func(ctx context.Context, v *vfs.View) error {
			return v.Rename(ctx, path("/f"), path("/h"), vfs.RenameOptions{})
		}},
		"copy": {vfs.PermRead | vfs.PermWrite, func(ctx context.Context, v *vfs.View) error {
			_, err := v.Copy(ctx, path("/f"), path("/g"), vfs.CopyOptions{})
			return err
		}},
		"copy over": {vfs.PermRead | vfs.PermWrite | vfs.PermOverwrite, func(ctx context.Context, v *vfs.View) error {
			_, err := v.Copy(ctx, path("/f"), path("/h"), vfs.CopyOptions{})
			return err
		}},
		"settime": {vfs.PermWrite | vfs.PermOverwrite, func(ctx context.Context, v *vfs.View) error { return v.SetModTime(ctx, path("/f"), time.Unix(1, 0)) }},
		"go to a directory": {0, func(ctx context.Context, v *vfs.View) error {
			_, err := v.Stat(ctx, path("/d"), vfs.TypeDir)
			return err
		}},
	}
	for name, op := range ops {
		t.Run(name, func(t *testing.T) {
			for allow := range vfs.PermAll + 1 {
				b := memory.New()
				all := one(t, b)
				put(t, all, "/f", "old")
				put(t, all, "/h", "other")
				if err := all.Mkdir(t.Context(), path("/d")); err != nil {
					t.Fatal(err)
				}
				v := newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: allow})
				err := op.run(t.Context(), v)
				switch allowed := allow&op.needs == op.needs; {
				case allowed && err != nil:
					t.Errorf("rights %b: %v", allow, err)
				case !allowed && err == nil:
					t.Errorf("rights %b: allowed, needs %b", allow, op.needs)
				case !allowed && vfs.KindOf(err) != vfs.KindPermission && vfs.KindOf(err) != vfs.KindExist:
					t.Errorf("rights %b: %v", allow, err)
				}
				if op.needs&vfs.PermOverwrite != 0 && allow&vfs.PermOverwrite == 0 {
					if got := get(t, all, "/f") + get(t, all, "/h"); got != "oldother" {
						t.Errorf("rights %b: content is %q now", allow, got)
					}
				}
			}
		})
	}
}

func closeIf(c io.Closer, err error) {
	if err == nil {
		_ = c.Close()
	}
}

func TestStatNeedsSomeRightToFiles(t *testing.T) {
	b := memory.New()
	put(t, one(t, b), "/f", "x")
	for allow, want := range map[vfs.Permission]bool{
		vfs.PermList: true, vfs.PermRead: true, vfs.PermRename: true,
		vfs.PermWrite | vfs.PermOverwrite | vfs.PermDelete | vfs.PermMkdir: false,
	} {
		v := newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: allow})
		if _, err := v.Stat(t.Context(), path("/f"), vfs.TypeAny); (err == nil) != want {
			t.Errorf("rights %b: %v", allow, err)
		}
	}
}

func TestContentTypeAndCacheControl(t *testing.T) {
	b := &recorder{Backend: memory.New()}
	v := newView(t, vfs.ViewOptions{Allow: vfs.PermAll, Mounts: []vfs.Mount{{
		Backend: b, CacheControl: "no-store",
		ContentType: func(name string) string { return "type-of-" + name },
	}}})
	put(t, v, "/d/a.txt", "")
	if b.created.ContentType != "type-of-a.txt" || b.created.CacheControl != "no-store" {
		t.Errorf("created with %+v", b.created)
	}
	if err := tryPut(t.Context(), v, "/b", "", vfs.CreateOptions{ContentType: "image/png", CacheControl: "private"}); err != nil {
		t.Fatal(err)
	}
	if b.created.ContentType != "image/png" || b.created.CacheControl != "private" {
		t.Errorf("created with %+v", b.created)
	}
}

type recorder struct {
	vfs.Backend
	created vfs.CreateOptions
}

func (r *recorder) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	r.created = o
	return r.Backend.Create(ctx, p, o)
}

// A writer that appends describes the old file with its name in the user's tree.
func TestWriterOld(t *testing.T) {
	v := newView(t, vfs.ViewOptions{Allow: vfs.PermAll, Mounts: []vfs.Mount{{Backend: memory.New(), At: path("/m"), Root: path("/r")}}})
	put(t, v, "/m/log", "line")
	for name, want := range map[string]int64{"/m/log": 4, "/m/new": -1} {
		w, err := v.Create(t.Context(), path(name), vfs.CreateOptions{Mode: vfs.ModeAppend})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Abort()
		old, found := w.Old()
		if found != (want >= 0) || found && (old.Size != want || old.Name != "log" || old.IsDir()) {
			t.Errorf("%s: %+v, %v", name, old, found)
		}
	}
}

// Every operation is reported to the observer once, with its bytes or entries and its
// error.
func TestObserver(t *testing.T) {
	var got []string
	b := memory.New()
	v := one(t, b).Observed(func(_ context.Context, e vfs.Event) {
		text := e.Op + " " + e.Path.String()
		if !e.To.IsRoot() {
			text += " to " + e.To.String()
		}
		for name, n := range map[string]int64{"bytes": e.Bytes, "entries": e.Entries} {
			if n > 0 {
				text += " " + name + "=" + string(rune('0'+n))
			}
		}
		if e.Err != nil {
			text += " " + vfs.KindOf(e.Err).String()
		}
		got = append(got, text)
	})
	ctx := t.Context()
	put(t, v, "/f", "12345")
	_ = get(t, v, "/f")
	_ = list(t, v, "/")
	w, err := v.Create(ctx, path("/g"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte("12"))
	w.Abort()
	w.Abort()
	_, _ = v.Stat(ctx, path("/nothing"), vfs.TypeAny)
	_ = v.Mkdir(ctx, path("/d"))
	_ = v.SetModTime(ctx, path("/f"), time.Unix(1, 0))
	_, _ = v.Copy(ctx, path("/f"), path("/c"), vfs.CopyOptions{})
	_, _ = v.Copy(ctx, path("/f"), path("/c"), vfs.CopyOptions{NoReplace: true})
	_ = v.Rename(ctx, path("/f"), path("/h"), vfs.RenameOptions{})
	_ = v.Remove(ctx, path("/h"), vfs.TypeFile)
	want := []string{
		"write /f bytes=5", "read /f bytes=5", "list / entries=1", "write /g bytes=2 canceled", "stat /nothing not-exist",
		"mkdir /d", "settime /f", "copy /f to /c bytes=5", "copy /f to /c exist", "rename /f to /h", "remove /h",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestErrorsNameOperationAndPath(t *testing.T) {
	v := newView(t, vfs.ViewOptions{Allow: vfs.PermAll, Mounts: []vfs.Mount{{Backend: memory.New(), Root: path("/inner")}}})
	_, err := v.Open(t.Context(), path("/x"), vfs.OpenOptions{})
	var e *vfs.Error
	if !errors.As(err, &e) || e.Op != "read" || e.Path != path("/x") || !strings.HasPrefix(err.Error(), "read /x: ") {
		t.Errorf("error is %v", err)
	}
	if strings.Contains(err.Error(), "inner") {
		t.Errorf("the error shows the mount's root: %v", err)
	}
}

// The log has the missing right, the reply does not.
func TestRefusalsNameTheRight(t *testing.T) {
	b := memory.New()
	v := newView(t, vfs.ViewOptions{Allow: vfs.PermWrite, Mounts: []vfs.Mount{{Backend: b}, {At: path("/ro"), Backend: b, ReadOnly: true}}})
	_, list := tryList(t.Context(), v, "/")
	_, read := v.Open(t.Context(), path("/f"), vfs.OpenOptions{})
	for want, err := range map[string]error{
		"right list (allow)": list, "right read (allow)": read,
		"right rename (allow)":      v.Rename(t.Context(), path("/f"), path("/g"), vfs.RenameOptions{}),
		"right mkdir (allow)":       v.Mkdir(t.Context(), path("/d")),
		"right delete (allow)":      v.Remove(t.Context(), path("/f"), vfs.TypeFile),
		"right overwrite (allow)":   v.SetModTime(t.Context(), path("/f"), time.Unix(1, 0)),
		"/ro is read-only (access)": v.Mkdir(t.Context(), path("/ro/d")),
	} {
		if err == nil || !strings.Contains(err.Error(), want) || vfs.ReasonOf(err) != vfs.KindPermission.Reason() {
			t.Errorf("%v, want %q in it", err, want)
		}
	}
}

func TestCapsAreTheStores(t *testing.T) {
	b := memory.New()
	v := newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{At: path("/m"), Backend: b}}})
	if v.Caps(path("/m/x")) != b.Caps() {
		t.Error("caps differ")
	}
}

func TestKindsHaveTexts(t *testing.T) {
	seen := map[string]vfs.Kind{}
	for _, k := range vfs.Kinds() {
		if other, ok := seen[k.String()]; ok || k.String() == "unknown" {
			t.Errorf("%d and %d are both %q", k, other, k)
		}
		seen[k.String()] = k
	}
	if len(slices.Collect(maps.Keys(seen))) != len(vfs.Kinds()) {
		t.Error("kinds share names")
	}
}
