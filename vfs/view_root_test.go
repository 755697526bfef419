package vfs_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
)

// A root is "/" for its user. It may lie inside of a mount or above mounts.
func TestRoot(t *testing.T) {
	files, shared, archive := memory.New(), memory.New(), memory.New()
	all := one(t, files)
	for _, p := range []string{"/t/top", "/t/customers/a/own", "/t/customers/ab/other", "/t/customers/a/shared/hidden"} {
		put(t, all, p, p)
	}
	put(t, one(t, shared), "/s", "s")
	put(t, one(t, archive), "/deep/2026", "2026")
	mounts := []vfs.Mount{
		{Backend: files, Root: path("/t")},
		{At: path("/customers/a/shared"), Backend: shared, ReadOnly: true},
		{At: path("/archive"), Backend: archive},
		{At: path("/archive/deep/in"), Backend: shared},
	}
	for name, tt := range map[string]struct {
		root string
		want map[string][]string // what the listings of these directories hold
		gone []string            // paths that lead to nothing
	}{
		"no root": {"/", map[string][]string{"/": {"archive/", "customers/", "top"}, "/customers": {"a/", "ab/"}}, nil},
		"inside of a mount": {
			"/customers/a",
			map[string][]string{"/": {"own", "shared/"}, "/shared": {"s"}, "/..": {"own", "shared/"}},
			[]string{"/top", "/../ab/other", "/customers/a/own", "/b/other", "/shared/hidden", "/archive/2026", "/2026"},
		},
		"at a mount":                  {"/archive", map[string][]string{"/": {"deep/"}, "/deep": {"2026", "in/"}, "/deep/in": {"s"}}, []string{"/top", "/own", "/../top"}},
		"inside of an inner mount":    {"/archive/deep", map[string][]string{"/": {"2026", "in/"}, "/in": {"s"}}, []string{"/top", "/deep/2026"}},
		"at the innermost":            {"/archive/deep/in", map[string][]string{"/": {"s"}}, []string{"/2026"}},
		"a directory that is missing": {"/customers/none", map[string][]string{"/": {}}, []string{"/own"}},
	} {
		t.Run(name, func(t *testing.T) {
			v := newView(t, vfs.ViewOptions{Mounts: mounts, Root: path(tt.root), Allow: vfs.PermAll})
			for dir, want := range tt.want {
				if diff := cmp.Diff(want, list(t, v, dir)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", dir, diff)
				}
			}
			for _, p := range tt.gone {
				_, err := v.Stat(t.Context(), path(p), vfs.TypeAny)
				wantKind(t, "stat "+p, err, vfs.KindNotExist)
			}
			if info, err := v.Stat(t.Context(), vfs.Path{}, vfs.TypeDir); err != nil || info.Name != "" || time.Since(info.ModTime) > time.Hour {
				t.Errorf("stat of the root: %+v, %v", info, err)
			}
			wantKind(t, "mkdir of the root", v.Mkdir(t.Context(), path("/..")), vfs.KindExist)
			wantKind(t, "rmdir of the root", v.Remove(t.Context(), path("/"), vfs.TypeDir), vfs.KindPermission)
			wantKind(t, "rename of the root", v.Rename(t.Context(), path("/"), path("/x"), vfs.RenameOptions{}), vfs.KindPermission)
		})
	}

	t.Run("above mounts", func(t *testing.T) {
		v := newView(t, vfs.ViewOptions{Mounts: mounts[1:2], Root: path("/customers"), Home: path("/a/home"), Allow: vfs.PermAll})
		if diff := cmp.Diff([]string{"home/", "shared/"}, list(t, v, "/a")); diff != "" {
			t.Error(diff)
		}
		wantKind(t, "put", tryPut(t.Context(), v, "/x", "", vfs.CreateOptions{}), vfs.KindPermission)
	})
	t.Run("new files", func(t *testing.T) {
		v := newView(t, vfs.ViewOptions{Mounts: mounts, Root: path("/customers/a"), Home: path("/in"), Allow: vfs.PermAll})
		put(t, v, "/../ab/other", "mine")
		if err := v.Rename(t.Context(), path("/own"), path("/../../top"), vfs.RenameOptions{}); err != nil {
			t.Error(err)
		}
		for p, want := range map[string]string{
			"/t/customers/a/ab/other": "mine", "/t/customers/ab/other": "/t/customers/ab/other",
			"/t/customers/a/top": "/t/customers/a/own", "/t/top": "/t/top",
		} {
			if got := get(t, all, p); got != want {
				t.Errorf("%s holds %q, want %q", p, got, want)
			}
		}
		wantKind(t, "put on a read-only mount", tryPut(t.Context(), v, "/shared/x", "", vfs.CreateOptions{}), vfs.KindPermission)
		if v.Home() != path("/in") || !v.Fixed(path("/in")) {
			t.Errorf("home is %v", v.Home())
		}
	})
	t.Run("outside of all mounts", func(t *testing.T) {
		if v, err := vfs.NewView(vfs.ViewOptions{Mounts: mounts[1:], Root: path("/none")}); err == nil {
			t.Errorf("a view of %+v", v)
		}
	})
}

// The observer gets the user's paths and the root beside them.
func TestRootIsObserved(t *testing.T) {
	var got vfs.Event
	v := newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: memory.New()}}, Root: path("/a"), Allow: vfs.PermAll}).
		Observed(func(_ context.Context, e vfs.Event) { got = e })
	if err := v.Mkdir(t.Context(), path("/d")); err != nil || got.Path != path("/d") || got.Root != path("/a") {
		t.Errorf("event %+v, %v", got, err)
	}
}

// linked is a store with links. It records the directories that it is confined to.
type linked struct {
	vfs.Backend
	at       vfs.Path
	confined *[]string
}

func (l linked) Confine(p vfs.Path) (vfs.Backend, error) {
	l.at = l.at.Join(p)
	*l.confined = append(*l.confined, l.at.String())
	return l, nil
}

func TestRootConfinesLinks(t *testing.T) {
	var confined []string
	store := linked{memory.New(), path("/mounted"), &confined}
	for _, root := range []string{"/", "/m", "/m/a", "/n"} {
		newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{At: path("/m"), Backend: store}, {At: path("/n"), Backend: store}}, Root: path(root)})
	}
	if diff := cmp.Diff([]string{"/mounted/a"}, confined); diff != "" {
		t.Errorf("confined to (-want +got):\n%s", diff)
	}
}
