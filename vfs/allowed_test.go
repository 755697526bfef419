package vfs_test

import (
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
)

func TestAllowed(t *testing.T) {
	const user = vfs.PermList | vfs.PermWrite | vfs.PermMkdir
	b := memory.New()
	v, err := vfs.NewView(vfs.ViewOptions{
		Mounts: []vfs.Mount{{At: vfs.MustParse("/a"), Backend: b}, {At: vfs.MustParse("/a/ro"), Backend: b, ReadOnly: true}},
		Home:   vfs.MustParse("/a/home"), Allow: user,
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]struct {
		allowed vfs.Permission
		fixed   bool
	}{
		"/": {vfs.PermList, true}, "/b": {vfs.PermList, false}, "/a": {user, true}, "/a/x": {user, false}, "/a/home": {user, true},
		"/a/ro": {vfs.PermList, true}, "/a/ro/x": {vfs.PermList, false},
	} {
		if got := v.Allowed(vfs.MustParse(path)); got != want.allowed {
			t.Errorf("Allowed(%s) = %b, want %b", path, got, want.allowed)
		}
		if got := v.Fixed(vfs.MustParse(path)); got != want.fixed {
			t.Errorf("Fixed(%s) = %v, want %v", path, got, want.fixed)
		}
	}
}
