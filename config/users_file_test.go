package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// withUsers is a configuration in testdata with a users file.
func withUsers(path string) []config.Source {
	return []config.Source{{Name: "testdata/x.hcl", Bytes: fmt.Appendf(nil, `
backend "store" "disk" { root = "/" }
tenant "contoso" {
  mount "/in" { backend = backend.store.disk }
  user "ops" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  users_file = %q
}
tenant "other" {
  mount "/" { backend = backend.store.disk }
  user "contoso/elsewhere" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
`, path)}}
}

// The problems of a users file have their places in it, come after those of the sources, and
// print neither a hash nor a line of the file.
func TestUsersFileProblems(t *testing.T) {
	sources := withUsers("users/wrong.users")
	c, diags := config.Load(sources, registry(), hostmemory.Limit{})
	if c != nil {
		t.Error("Load returned a configuration beside errors")
	}
	var got []string
	for _, d := range diags {
		got = append(got, fmt.Sprintf("%s:%d:%d: %s", filepath.Base(d.Subject.Filename), d.Subject.Start.Line, d.Subject.Start.Column, d.Summary))
	}
	want := []string{
		"x.hcl:10:8: Invalid user name",
		"wrong.users:2:1: Ambiguous login",
		"wrong.users:3:1: User without a password",
		"wrong.users:4:7: Invalid password hash",
		"wrong.users:5:70: Home outside of all mounts",
		"wrong.users:7:1: Duplicate user",
		"wrong.users:9:6: Weak password hash",
		"wrong.users:11:73: Invalid rights",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	text := render(t, sources, diags)
	if strings.Contains(text, "secret-password") || strings.Contains(text, "aaaaa") || !strings.Contains(text, "The file has 2 such hashes") {
		t.Errorf("the problems are:\n%s", text)
	}
}

// A file of another format is some problems and not one for each line. One that is missing
// or no file is a problem at the argument.
func TestUsersFileThatIsNone(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, []byte(strings.Repeat("no user\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		other:                         "There are 980 more problems",
		filepath.Join(dir, "no.file"): "x.hcl:6:16: warning: File is not there",
		dir:                           "x.hcl:6:16: warning: File cannot be read",
		"":                            "x.hcl:6:16: Empty path",
	} {
		sources := withUsers(path)
		_, diags := config.Load(sources, registry(), hostmemory.Limit{})
		if text := render(t, sources, diags); !strings.Contains(text, want) || len(diags) > 25 {
			t.Errorf("%s: %d problems, want %q in:\n%s", path, len(diags), want, text)
		}
	}
}

// The users of a file inherit as those of blocks do; what the file says is nearer.
func TestUsersFileInherits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "some.users")
	hash := "$2b$10$" + strings.Repeat("a", 53)
	if err := os.WriteFile(path, []byte("a:"+hash+"\nb:"+hash+":/in/x\nc:"+hash+"::list\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sources := withUsers(path)
	sources[0].Bytes = append(sources[0].Bytes, `defaults {
		user {
			home     = "/in/${user.name}"
			allow    = ["read"]
			networks = ["203.0.113.0/24"]
		}
	}`...)
	sources[0].Bytes = []byte(strings.ReplaceAll(string(sources[0].Bytes), "contoso/elsewhere", "elsewhere"))
	c, diags := config.Load(sources, registry(), hostmemory.Limit{})
	if diags.HasErrors() {
		t.Fatal(render(t, sources, diags))
	}
	var got []string
	for _, u := range c.Tenants[0].Users {
		got = append(got, fmt.Sprintf("%s %v %b %v", u.Name, u.Home, u.Allow, u.Networks))
	}
	want := []string{"ops /in/ops 10 [203.0.113.0/24]", "a /in/a 10 [203.0.113.0/24]", "b /in/x 10 [203.0.113.0/24]", "c /in/c 1 [203.0.113.0/24]"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A large file loads in a time that grows with its size alone.
func TestLargeUsersFile(t *testing.T) {
	const users = 20_000
	var text strings.Builder
	for i := range users {
		fmt.Fprintf(&text, "camera-%d:$2y$05$%s:/in:list,write\n", i, strings.Repeat("a", 53))
	}
	path := filepath.Join(t.TempDir(), "large.users")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	sources := withUsers(path)
	sources[0].Bytes = []byte(strings.ReplaceAll(string(sources[0].Bytes), "contoso/elsewhere", "elsewhere"))
	c, diags := config.Load(sources, registry(), hostmemory.Limit{})
	if c == nil || len(c.Tenants[0].Users) != users+1 || len(diags) != 1 {
		t.Errorf("%v, %d problems", c, len(diags))
	}
}
