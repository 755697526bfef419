package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/auth/external"
	"github.com/tidegate/tidegate/internal/hostmemory"
	"github.com/tidegate/tidegate/vfs"
)

// The user of an answer needs no password or key of its own, whatever login it inherits, and
// can be disabled for all.
func TestAnsweredLogin(t *testing.T) {
	for _, login := range []string{"any", "password", "key", "key_and_password", "certificate", "certificate_and_password"} {
		c, diags := config.Load([]config.Source{{Name: "x.hcl", Bytes: fmt.Appendf(nil, `
			backend "store" "disk" { root = "/" }
			auth "http" "id" { url = "https://id.example/" }
			defaults {
			  user {
			    allow   = ["list"]
			    login   = %q
			    enabled = false
			  }
			}
			tenant "a" {
			  auth = auth.http.id
			  mount "/" { backend = backend.store.disk }
			}
		`, login)}}, registry(), hostmemory.Limit{})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if u, _, err := c.Tenants[0].Answered("u", &external.Answer{}); err != nil || !u.Disabled {
			t.Errorf("%s: %+v, %v", login, u, err)
		}
	}
}

// A user of an answer is checked as one of the configuration, and inherits as one.
func TestAnswered(t *testing.T) {
	t.Setenv("TIDEGATE_TEST_NETWORKS", "192.0.2.0/24")
	home := filepath.Join(t.TempDir(), "home")
	if err := os.WriteFile(home, []byte("/\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, diags := config.Load([]config.Source{{Name: "x.hcl", Bytes: fmt.Appendf(nil, `
		backend "store" "disk" { root = "/" }
		auth "http" "id" { url = "https://id.example/" }
		defaults {
		  user { allow = ["list"] }
		}
		tenant "a" {
		  auth = auth.http.id
		  mount "/in" { backend = backend.store.disk }
		  mount "/out" { backend = backend.store.disk }
		  defaults {
		    user {
		      root     = "/in/${user.name}"
		      networks = split(",", lower(env("TIDEGATE_TEST_NETWORKS")))
		      home     = trimspace(file(%q))
		      password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    }
		  }
		}
	`, home)}}, registry(), hostmemory.Limit{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	// What is inherited is what was loaded.
	t.Setenv("TIDEGATE_TEST_NETWORKS", "none")
	if err := os.Remove(home); err != nil {
		t.Fatal(err)
	}
	files := len(c.Files)
	text := func(s string) *string { return &s }
	tests := []struct {
		name   string
		answer external.Answer
		want   string // root, home and mounts, or a part of the error behind "!"
		allow  vfs.Permission
	}{
		{"u", external.Answer{}, "/in/u / 2", vfs.PermList},
		{"u", external.Answer{Root: text("/out"), Home: text("/x")}, "/out /x 2", vfs.PermList},
		{"u", external.Answer{Permissions: []string{"read", "write"}}, "/in/u / 2", vfs.PermRead | vfs.PermWrite},
		{"u", external.Answer{Mounts: []string{"/in"}}, "/in/u / 1", vfs.PermList},
		{"u", external.Answer{Mounts: []string{"/out"}}, "!Root outside of all mounts", 0},
		{"u", external.Answer{Mounts: []string{"/out"}, Root: text("/")}, "/ / 1", vfs.PermList},
		{"u", external.Answer{Mounts: []string{}}, "!the list of mounts is empty", 0},
		{"u", external.Answer{Mounts: []string{"/in/"}}, "!no mount at", 0},
		{"u", external.Answer{Root: text("/out/../in")}, "!Invalid path", 0},
		{"u", external.Answer{Root: text("in")}, "!Invalid path", 0},
		{"u", external.Answer{Root: text("/in"), Home: text("/../out")}, "!Invalid path", 0},
		{"u", external.Answer{Permissions: []string{}}, "!Empty list", 0},
		{"u", external.Answer{Permissions: []string{"sudo"}}, "!Invalid value for allow", 0},
		{"u", external.Answer{Limits: &external.Limits{BandwidthUp: "1MiB/s", UploadBytes: "5GiB"}}, "/in/u / 2", vfs.PermList},
		{"u", external.Answer{Limits: &external.Limits{BandwidthUp: "fast"}}, "!Invalid", 0},
		{"u", external.Answer{Limits: &external.Limits{Sessions: new(int)}}, "!Invalid limit", 0},
		// A name that is no name of a directory must not become a part of a path.
		{"..", external.Answer{}, "!", 0},
		{"a/../../out", external.Answer{}, "!", 0},
	}
	var wg sync.WaitGroup
	for _, test := range tests {
		wg.Go(func() {
			u, mounts, err := c.Tenants[0].Answered(test.name, &test.answer)
			if part, wrong := strings.CutPrefix(test.want, "!"); wrong {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("%+v: %+v, %v, want %s", test, u, err, part)
				}
				return
			}
			if err != nil {
				t.Errorf("%+v: %v", test, err)
				return
			}
			got := u.Root.String() + " " + u.Home.String() + " " + string(rune('0'+len(mounts)))
			if got != test.want || u.Allow != test.allow || len(u.Networks) != 1 || u.PasswordHash != "" || u.Name != test.name {
				t.Errorf("%+v: %s, %+v", test, got, u)
			}
		})
	}
	wg.Wait()
	if len(c.Files) != files {
		t.Errorf("the answers add files to the configuration: %v", c.Files)
	}
}
