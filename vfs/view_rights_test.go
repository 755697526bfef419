package vfs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
)

const (
	most = vfs.PermAll &^ vfs.PermDelete
	look = vfs.PermList | vfs.PermRead
)

// byPath returns a view with rights by path and the store below it, which holds a file f in
// each of the directories.
func byPath(t *testing.T, allow vfs.Permission, rules map[string]vfs.Permission, dirs ...string) (v, all *vfs.View) {
	t.Helper()
	b := memory.New()
	all = one(t, b)
	o := vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: allow}
	for at, allow := range rules {
		o.Paths = append(o.Paths, vfs.PathRule{At: path(at), Allow: allow})
		put(t, all, at+"/f", "content")
	}
	for _, dir := range dirs {
		put(t, all, dir+"/f", "content")
	}
	return newView(t, o), all
}

func TestNearestPathRuleHolds(t *testing.T) {
	v, _ := byPath(t, vfs.PermAll, map[string]vfs.Permission{"/a": look, "/a/b/c": vfs.PermWrite, "/a/b/c/d": 0, "/ab": vfs.PermMkdir})
	for p, want := range map[string]vfs.Permission{
		"/": vfs.PermAll, "/x": vfs.PermAll, "/a": look, "/a/b": look, "/a/b/c": vfs.PermWrite, "/a/b/c/x": vfs.PermWrite, "/a/b/cx": look,
		"/a/b/c/d/e/f": 0, "/ab": vfs.PermMkdir, "/ab/c": vfs.PermMkdir, "/abc": vfs.PermAll, "/x/a": vfs.PermAll, "/a/../x": vfs.PermAll, "/x/../a": look,
	} {
		if got := v.Allowed(path(p)); got != want {
			t.Errorf("Allowed(%s) = %v, want %v", p, got, want)
		}
	}
	if _, err := vfs.NewView(vfs.ViewOptions{
		Mounts: []vfs.Mount{{Backend: memory.New()}}, Paths: []vfs.PathRule{{At: path("/a")}, {At: path("/a")}},
	}); err == nil {
		t.Error("two rules for one path")
	}
}

// Each operation needs its rights where its path leads, not elsewhere.
func TestRightsByPath(t *testing.T) {
	ops := map[string]struct {
		needs vfs.Permission
		run   func(ctx context.Context, v *vfs.View, dir string) error
	}{
		"list": {vfs.PermList, func(ctx context.Context, v *vfs.View, dir string) error { _, err := tryList(ctx, v, dir); return err }},
		"read": {vfs.PermRead, func(ctx context.Context, v *vfs.View, dir string) error {
			r, err := v.Open(ctx, path(dir+"/f"), vfs.OpenOptions{})
			closeIf(r, err)
			return err
		}},
		"create": {vfs.PermWrite | vfs.PermMkdir, func(ctx context.Context, v *vfs.View, dir string) error {
			return tryPut(ctx, v, dir+"/new/file", "x", vfs.CreateOptions{})
		}},
		"replace": {vfs.PermWrite | vfs.PermOverwrite, func(ctx context.Context, v *vfs.View, dir string) error {
			return tryPut(ctx, v, dir+"/f", "x", vfs.CreateOptions{})
		}},
		"resume": {vfs.PermWrite | vfs.PermOverwrite, func(ctx context.Context, v *vfs.View, dir string) error {
			return tryPut(ctx, v, dir+"/f", "x", vfs.CreateOptions{Mode: vfs.ModeResume, Offset: 7})
		}},
		"remove": {vfs.PermDelete, func(ctx context.Context, v *vfs.View, dir string) error {
			return v.Remove(ctx, path(dir+"/f"), vfs.TypeFile)
		}},
		"mkdir": {vfs.PermMkdir, func(ctx context.Context, v *vfs.View, dir string) error { return v.Mkdir(ctx, path(dir+"/d")) }},
		"rename": {vfs.PermRename, func(ctx context.Context, v *vfs.View, dir string) error {
			return v.Rename(ctx, path(dir+"/f"), path(dir+"/g"), vfs.RenameOptions{})
		}},
		"copy from": {vfs.PermRead, func(ctx context.Context, v *vfs.View, dir string) error {
			_, err := v.Copy(ctx, path(dir+"/f"), path("/all/g"), vfs.CopyOptions{})
			return err
		}},
		"copy to": {vfs.PermWrite, func(ctx context.Context, v *vfs.View, dir string) error {
			_, err := v.Copy(ctx, path("/all/f"), path(dir+"/g"), vfs.CopyOptions{})
			return err
		}},
		"copy over": {vfs.PermWrite | vfs.PermOverwrite, func(ctx context.Context, v *vfs.View, dir string) error {
			_, err := v.Copy(ctx, path("/all/f"), path(dir+"/f"), vfs.CopyOptions{})
			return err
		}},
		"settime": {vfs.PermWrite | vfs.PermOverwrite, func(ctx context.Context, v *vfs.View, dir string) error {
			return v.SetModTime(ctx, path(dir+"/f"), time.Unix(1, 0))
		}},
	}
	for name, op := range ops {
		t.Run(name, func(t *testing.T) {
			for allow := range vfs.PermAll + 1 {
				for _, elsewhere := range []vfs.Permission{0, vfs.PermAll} {
					v, _ := byPath(t, elsewhere, map[string]vfs.Permission{"/rule": allow, "/all": vfs.PermAll})
					err := op.run(t.Context(), v, "/rule")
					switch allowed := allow&op.needs == op.needs; {
					case allowed && err != nil:
						t.Errorf("rights %v: %v", allow, err)
					case !allowed && err == nil:
						t.Errorf("rights %v: allowed, needs %v", allow, op.needs)
					case !allowed && vfs.KindOf(err) != vfs.KindPermission && vfs.KindOf(err) != vfs.KindExist && vfs.KindOf(err) != vfs.KindNotExist:
						t.Errorf("rights %v: %v", allow, err)
					}
				}
			}
		})
	}
}

// A rename moves an entry between places only if this gives the user no right to it, and
// moves no directory out from under its rules.
func TestRenameBetweenRules(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		allow    vfs.Permission
		rules    map[string]vfs.Permission
		refused  string // what the log says, "" if the rename is done
	}{
		{"/f", "/g", vfs.PermRename, nil, ""},
		{"/in/f", "/in/g", vfs.PermAll, map[string]vfs.Permission{"/in": vfs.PermRename}, ""},
		{"/in/f", "/g", vfs.PermAll, map[string]vfs.Permission{"/in": look}, `right rename (allow of path "/in")`},
		{"/f", "/in/g", vfs.PermAll, map[string]vfs.Permission{"/in": look}, `right rename (allow of path "/in")`},
		{"/f", "/in/g", vfs.PermAll, map[string]vfs.Permission{"/in": look | vfs.PermRename}, `right write (allow of path "/in")`},
		{"/f", "/in/g", vfs.PermAll, map[string]vfs.Permission{"/in": vfs.PermWrite | vfs.PermRename}, ""},
		// What could not be read, changed, removed or listed cannot be after the rename.
		{"/in/f", "/g", vfs.PermAll, map[string]vfs.Permission{"/in": vfs.PermWrite | vfs.PermRename}, `right list, read, overwrite, delete, which is missing before (allow of path "/in")`},
		{"/in/f", "/g", most, map[string]vfs.Permission{"/in": most &^ vfs.PermRead}, "right read, which"},
		{"/in/f", "/g", most, map[string]vfs.Permission{"/in": vfs.PermAll}, ""},
		{"/f", "/in/g", most, map[string]vfs.Permission{"/in": vfs.PermAll}, "right delete, which is missing before (allow)"},
		{"/a/f", "/b/g", 0, map[string]vfs.Permission{"/a": most, "/b": most}, ""},
		// Directories.
		{"/d", "/e", vfs.PermAll, map[string]vfs.Permission{"/d/in": look}, `fewer rights (allow of path "/d/in")`},
		{"/d", "/e", vfs.PermAll, map[string]vfs.Permission{"/d/in/deep": most}, `fewer rights (allow of path "/d/in/deep")`},
		{"/d", "/e", most, map[string]vfs.Permission{"/d/in": vfs.PermAll}, ""},
		{"/d/in", "/e", vfs.PermAll, map[string]vfs.Permission{"/d/in": look}, "right rename"},
		{"/d/in", "/e", most, map[string]vfs.Permission{"/d/in": vfs.PermAll}, ""},
		{"/d", "/e", vfs.PermAll, map[string]vfs.Permission{"/e/f": look}, "right rename"},
		{"/d", "/e", most, map[string]vfs.Permission{"/e/x": vfs.PermAll}, "right delete, which"},
		{"/d", "/e", vfs.PermAll, map[string]vfs.Permission{"/e/x": most}, ""},
		{"/d", "/d2", vfs.PermAll, map[string]vfs.Permission{"/d1": look, "/x/d": look}, ""},
	} {
		t.Run(fmt.Sprintf("%s to %s with %v", tt.from, tt.to, tt.rules), func(t *testing.T) {
			b := memory.New()
			all := one(t, b)
			put(t, all, "/f", "content")
			put(t, all, "/d/f", "content")
			o := vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: tt.allow}
			for at, allow := range tt.rules {
				o.Paths = append(o.Paths, vfs.PathRule{At: path(at), Allow: allow})
				if !strings.HasPrefix(at, "/e") {
					put(t, all, at+"/f", "content")
				}
			}
			v := newView(t, o)
			err := v.Rename(t.Context(), path(tt.from), path(tt.to), vfs.RenameOptions{})
			if tt.refused == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantKind(t, "rename", err, vfs.KindPermission)
			if err != nil && !strings.Contains(err.Error(), tt.refused) {
				t.Errorf("%v, want %q in it", err, tt.refused)
			}
			if _, err := all.Stat(t.Context(), path(tt.from), vfs.TypeAny); err != nil {
				t.Errorf("after the refusal: %v", err)
			}
		})
	}
}

func TestRemoveKeepsRules(t *testing.T) {
	v, _ := byPath(t, vfs.PermAll, map[string]vfs.Permission{"/d/in": look, "/e/all": vfs.PermAll})
	err := v.Remove(t.Context(), path("/d"), vfs.TypeDir)
	wantKind(t, "remove of a directory with fewer rights below", err, vfs.KindPermission)
	if err != nil && !strings.Contains(err.Error(), `allow of path "/d/in"`) {
		t.Error(err)
	}
	wantKind(t, "remove of a directory without", v.Remove(t.Context(), path("/e"), vfs.TypeDir), vfs.KindNotEmpty)
}

// Listing hides nothing, except where the right to list is missing.
func TestListingShowsPlacesWithoutRights(t *testing.T) {
	v, _ := byPath(t, vfs.PermAll, map[string]vfs.Permission{"/none": 0, "/look": look}, "/d")
	if diff := cmp.Diff([]string{"d/", "look/", "none/"}, list(t, v, "/")); diff != "" {
		t.Error(diff)
	}
	_, err := tryList(t.Context(), v, "/none")
	wantKind(t, "list", err, vfs.KindPermission)
	_, err = v.Stat(t.Context(), path("/none/f"), vfs.TypeAny)
	wantKind(t, "stat", err, vfs.KindPermission)
	if _, err := v.Stat(t.Context(), path("/none"), vfs.TypeDir); err != nil {
		t.Error(err)
	}
}

// Parents are made with the right to make each of them.
func TestParentsByPath(t *testing.T) {
	v, _ := byPath(t, vfs.PermWrite, map[string]vfs.Permission{"/there/in": most, "/there/in/not": vfs.PermWrite})
	b := memory.New()
	o := vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermWrite, Paths: []vfs.PathRule{{At: path("/none/in"), Allow: most}}}
	fresh := newView(t, o)
	wantKind(t, "below a directory that may not be made", tryPut(t.Context(), fresh, "/none/in/f", "", vfs.CreateOptions{}), vfs.KindNotExist)
	wantKind(t, "mkdir below such a directory", fresh.Mkdir(t.Context(), path("/none/in/d")), vfs.KindNotExist)
	wantKind(t, "elsewhere", tryPut(t.Context(), v, "/new/f", "", vfs.CreateOptions{}), vfs.KindNotExist)
	wantKind(t, "below a rule without mkdir", tryPut(t.Context(), v, "/there/in/not/new/f", "", vfs.CreateOptions{}), vfs.KindNotExist)
	put(t, v, "/there/in/new/deep/f", "")
}

func TestReadOnlyMountsKeepRules(t *testing.T) {
	v := newView(t, vfs.ViewOptions{
		Mounts: []vfs.Mount{{Backend: memory.New(), ReadOnly: true}}, Allow: look, Paths: []vfs.PathRule{{At: path("/in"), Allow: vfs.PermAll}},
	})
	if got := v.Allowed(path("/in/x")); got != look {
		t.Errorf("Allowed = %v", got)
	}
	wantKind(t, "put", tryPut(t.Context(), v, "/in/x", "", vfs.CreateOptions{}), vfs.KindPermission)
}

// A file that stays because the user may not replace it is refused with the setting, unless
// the client has asked for a new file.
func TestNotReplacedNamesTheSetting(t *testing.T) {
	b := memory.New()
	all := newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll})
	if err := tryPut(t.Context(), all, "/f", "old", vfs.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	v := newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll &^ vfs.PermOverwrite})
	for mode, want := range map[vfs.Mode]string{vfs.ModeReplace: "allow", vfs.ModeAppend: "allow", vfs.ModeExclusive: ""} {
		err := tryPut(t.Context(), v, "/f", "new", vfs.CreateOptions{Mode: mode})
		got := ""
		if decided, ok := errors.AsType[*vfs.SettingError](err); ok {
			got = decided.Setting
		}
		if got != want || vfs.KindOf(err) != vfs.KindExist {
			t.Errorf("mode %v: %v, setting %q, want %q", mode, err, got, want)
		}
	}
}
