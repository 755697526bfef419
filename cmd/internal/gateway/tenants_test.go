package gateway

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/config"
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
	_, all, err := makeTenants(&config.Config{Tenants: []*config.Tenant{of("acme", "/a"), of("beta", "/ab"), of("ops", "/")}}, []*Backend{{Backend: store, Name: "local.a"}})
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
