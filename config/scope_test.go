package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

const hashOfNothing = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// A name of a tenant or a user in a path stays one segment of it: names that could lead
// elsewhere, or look as if they could, are refused where they are used in a path, and only
// there.
func TestNamesInPaths(t *testing.T) {
	for _, test := range []struct {
		label string // as in the file
		want  string // the segment, or "" for a name that is refused
	}{
		{`cam-1`, "cam-1"},
		{`Cam 1`, "Cam 1"},
		{`ops@fabrikam.example`, "ops@fabrikam.example"},
		{`a..b`, "a..b"},
		{`...`, "..."},
		{`ünï`, "ünï"},
		{`$${x}`, "${x}"},
		{`%2e%2e`, "%2e%2e"},
		{``, ""},
		{`.`, ""},
		{`..`, ""},
		{`../x`, ""},
		{`a/b`, ""},
		{`/`, ""},
		{`a\\b`, ""},
		{`..\\x`, ""},
		{`nul\u0000`, ""},
		{`a\nb`, ""},
		{`c1\u0085`, ""},
		{`\u202ecba`, ""},
		{`.\u200b.`, ""},
		{`\u200b`, ""},
		{`\uff0e\uff0e`, ""},
		{`\u2025`, ""},
		{`\u2024.`, ""},
		{`a\uff0fb`, ""},
		{`a\u2215b`, ""},
		{`a\u2044b`, ""},
		{`a\u29f8b`, ""},
		{`a\uff3cb`, ""},
		{`a\u2216b`, ""},
		{`..\ufe0f`, ""},
	} {
		for kind, source := range map[string]string{
			"user in home": `tenant "t" {
				mount "/" { backend = backend.store.x }
				user "%s" {
					password_hash = "` + hashOfNothing + `"
					home          = "/in/${user.name}"
				}
			}`,
			"user in root": `defaults {
				user { root = "/in/${user.name}" }
			}
			tenant "t" {
				mount "/" { backend = backend.store.x }
				user "%s" { password_hash = "` + hashOfNothing + `" }
			}`,
			"tenant in path": `tenant "%s" {
				mount "/" {
					backend = backend.store.x
					path    = "in/${tenant.name}"
				}
			}`,
			"tenant in defaults": `defaults {
				mount { path = format("in/%%s", tenant["name"]) }
			}
			tenant "%s" {
				mount "/" { backend = backend.store.x }
			}`,
			"user through an object": `tenant "t" {
				mount "/" { backend = backend.store.x }
				dynamic "user" {
					for_each = ["%s"]
					labels   = [user.value]
					content {
						password_hash = "` + hashOfNothing + `"
						home          = "/in/${[for k, v in { u = user } : v.name][0]}"
					}
				}
			}`,
		} {
			if strings.HasPrefix(kind, "tenant") && strings.Contains(test.label, "@") {
				continue // no tenant can have this name
			}
			t.Run(fmt.Sprintf("%s %q", kind, test.label), func(t *testing.T) {
				text := "backend \"store\" \"x\" { root = \"/\" }\n" + fmt.Sprintf(source, test.label)
				sources := []config.Source{{Name: "x.hcl", Bytes: []byte(text)}}
				c, diags := config.Load(sources, registry(), hostmemory.Limit{})
				if test.want == "" {
					if len(diags.Errs()) != 1 {
						t.Errorf("got %d problems, want 1:\n%s", len(diags.Errs()), render(t, sources, diags))
					}
					return
				}
				if diags.HasErrors() {
					t.Fatal(render(t, sources, diags))
				}
				got := c.Tenants[0].Mounts[0].Path
				switch {
				case kind == "user in root":
					got = c.Tenants[0].Users[0].Root
				case strings.HasPrefix(kind, "user"):
					got = c.Tenants[0].Users[0].Home
				}
				if got.Base() != test.want || got.Depth() != 2 {
					t.Errorf("the path is %q, want the name as its second segment", got)
				}
			})
		}
	}
	// A name that is in no path may be any name.
	c := load(t, `backend "store" "x" { root = "/" }
		tenant ".." {
			mount "/" { backend = backend.store.x }
			user "DOMAIN\\user" { password_hash = "`+hashOfNothing+`" }
		}`)
	if len(c.Tenants[0].Users) != 1 {
		t.Errorf("%v", c.Tenants[0])
	}
}

// load loads a correct configuration.
func load(t *testing.T, text string) *config.Config {
	t.Helper()
	sources := []config.Source{{Name: "x.hcl", Bytes: []byte(text)}}
	c, diags := config.Load(sources, registry(), hostmemory.Limit{})
	if diags.HasErrors() {
		t.Fatal(render(t, sources, diags))
	}
	return c
}

// A problem of one user with an inherited value names the user, and is reported once.
func TestInheritedProblemNamesTheUser(t *testing.T) {
	sources := []config.Source{{Name: "x.hcl", Bytes: []byte(`backend "store" "x" { root = "/" }
defaults {
  user {
    password_hash = "` + hashOfNothing + `"
    home          = "/${tenant.name}"
    charset       = "x"
  }
}
tenant "in" {
  mount "/in" { backend = backend.store.x }
  user "a" { charset = "utf-8" }
}
tenant "out" {
  mount "/in" { backend = backend.store.x }
  user "b" { charset = "y" }
  user "c" { charset = "utf-8" }
}`)}}
	_, diags := config.Load(sources, registry(), hostmemory.Limit{})
	var got []string
	for _, d := range diags {
		user := ""
		if _, rest, ok := strings.Cut(d.Detail, "This is about "); ok {
			user = rest
		}
		got = append(got, fmt.Sprintf("%d %s %s", d.Subject.Start.Line, d.Summary, user))
	}
	want := []string{`5 Home outside of all mounts user "b" of tenant "out".`, "15 Invalid charset "}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
