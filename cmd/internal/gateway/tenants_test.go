package gateway

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/limits"
	"github.com/tidegate/tidegate/vfs"
)

// No link leads from one tenant's mount to another's, although both are in one directory of
// the host.
func TestLinksStayInTheirMount(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"a", "ab"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "ab", "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../ab", filepath.Join(root, "a", "link")); err != nil {
		t.Fatal(err)
	}
	store, err := local.New(root, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	b := &config.Backend{Type: "local", Name: "a"}
	of := func(name, path string) *config.Tenant {
		return &config.Tenant{
			Name:   name,
			Mounts: []config.Mount{{Backend: b, Path: vfs.MustParse(path)}},
			Users:  []config.User{{Name: "u", Allow: vfs.PermAll}},
		}
	}
	_, all, err := makeTenants(&config.Config{Tenants: []*config.Tenant{of("acme", "/a"), of("beta", "/ab"), of("ops", "/")}}, []*Backend{{Backend: store, Name: "local.a"}}, limits.NewRegistry(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, test := range []struct {
		path string
		ok   bool
	}{{"/link/secret", false}, {"/secret", true}, {"/a/link/secret", true}} {
		r, err := all[i].User.View.Open(t.Context(), vfs.MustParse(test.path), vfs.OpenOptions{})
		if (err == nil) != test.ok {
			t.Errorf("%s opens %s: %v", all[i].Tenant, test.path, err)
		}
		if err == nil {
			_ = r.Close()
		}
	}
}

func TestContentType(t *testing.T) {
	f := contentType(map[string]string{"log": "text/x-log", "jpg": "image/x-ours"})
	for name, want := range map[string]string{
		"a.log": "text/x-log", "A.LOG": "text/x-log", "a.jpg": "image/x-ours", "a.png": "image/png",
		"log": "", ".log": "", "a.log.gz": "application/gzip",
	} {
		if got := f(name); got != want {
			t.Errorf("contentType(%q) = %q, want %q", name, got, want)
		}
	}
}

// A user's root is "/", over the whole way from the configuration to the store, and no link
// leads out of it into another part of the mount.
func TestRootOfUser(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"t/secret": "secret", "t/customers/a/own": "own", "t/customers/b/secret": "secret"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../b", filepath.Join(dir, "t", "customers", "a", "link")); err != nil {
		t.Fatal(err)
	}
	store, err := local.New(dir, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	b := &config.Backend{Type: "local", Name: "a"}
	user := config.User{
		Name: "a", Root: vfs.MustParse("/customers/a"), Allow: vfs.PermAll,
		Paths: []vfs.PathRule{{At: vfs.MustParse("/outbox"), Allow: vfs.PermList}}, Names: vfs.NameRules{Deny: []string{"*.exe"}},
	}
	_, accounts, err := makeTenants(&config.Config{Tenants: []*config.Tenant{{
		Name: "t", Mounts: []config.Mount{{Backend: b, Path: vfs.MustParse("/t")}}, Users: []config.User{user, {Name: "all", Allow: vfs.PermAll}},
	}}}, []*Backend{{Backend: store, Name: "local.a"}}, limits.NewRegistry(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		user int
		path string
		ok   bool
	}{{0, "/own", true}, {0, "/link/secret", false}, {0, "/secret", false}, {0, "/customers/a/own", false}, {1, "/customers/a/link/secret", true}} {
		r, err := accounts[test.user].User.View.Open(t.Context(), vfs.MustParse(test.path), vfs.OpenOptions{})
		if (err == nil) != test.ok {
			t.Errorf("%s opens %s: %v", accounts[test.user].Name, test.path, err)
		}
		if err == nil {
			_ = r.Close()
		}
	}
	view := accounts[0].User.View
	for _, p := range []string{"/outbox/x", "/x.exe"} {
		if _, err := view.Create(t.Context(), vfs.MustParse(p), vfs.CreateOptions{}); vfs.KindOf(err) != vfs.KindPermission {
			t.Errorf("create %s: %v", p, err)
		}
	}
}
