package vfs_test

import (
	"context"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
)

// unable is a store that does not copy.
type unable struct{ vfs.Backend }

func (unable) Caps() vfs.Caps { return vfs.Caps{} }

func (unable) Copy(context.Context, vfs.Path, vfs.Path, vfs.CopyOptions) (vfs.Info, error) {
	panic("asked to copy")
}

func TestCopy(t *testing.T) {
	b := memory.New()
	v := newView(t, vfs.ViewOptions{Allow: vfs.PermAll, Home: path("/home"), Mounts: []vfs.Mount{
		{Backend: b, Root: path("/inner")},
		{At: path("/shared"), Backend: b, Root: path("/shared")},
		{At: path("/archive"), Backend: b, Root: path("/inner"), ReadOnly: true},
		{At: path("/plain"), Backend: unable{memory.New()}},
	}})
	put(t, v, "/f", "content")
	put(t, v, "/plain/f", "content")

	t.Run("within a mount", func(t *testing.T) {
		info, err := v.Copy(t.Context(), path("/f"), path("/deep/copy"), vfs.CopyOptions{})
		if err != nil || info.Name != "copy" || info.Size != 7 || get(t, v, "/deep/copy") != "content" {
			t.Errorf("Copy = %+v, %v", info, err)
		}
	})
	for name, tt := range map[string]struct {
		from, to string
		can      bool
		want     vfs.Kind
	}{
		"between mounts of one store": {"/f", "/shared/copy", false, vfs.KindUnsupported},
		"from a read-only mount":      {"/archive/f", "/copy", false, vfs.KindUnsupported},
		"on a store without":          {"/plain/f", "/plain/copy", false, vfs.KindUnsupported},
		"to a read-only mount":        {"/archive/f", "/archive/copy", true, vfs.KindPermission},
		"of a fixed directory":        {"/home", "/copy", true, vfs.KindIsDir},
		"to a fixed directory":        {"/f", "/home", true, vfs.KindIsDir},
		"of nothing":                  {"/none", "/copy", true, vfs.KindNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			if got := v.CanCopy(path(tt.from), path(tt.to)); got != tt.can {
				t.Errorf("CanCopy = %v", got)
			}
			_, err := v.Copy(t.Context(), path(tt.from), path(tt.to), vfs.CopyOptions{})
			wantKind(t, "Copy", err, tt.want)
		})
	}
	t.Run("outside of all mounts", func(t *testing.T) {
		v := newView(t, vfs.ViewOptions{Allow: vfs.PermAll, Mounts: []vfs.Mount{{At: path("/only"), Backend: b, Root: path("/inner")}}})
		_, err := v.Copy(t.Context(), path("/x"), path("/only/x"), vfs.CopyOptions{})
		wantKind(t, "Copy from", err, vfs.KindNotExist)
		_, err = v.Copy(t.Context(), path("/only/f"), path("/x"), vfs.CopyOptions{})
		wantKind(t, "Copy to", err, vfs.KindPermission)
		if v.CanCopy(path("/x"), path("/y")) {
			t.Error("CanCopy where no store is")
		}
	})
}
