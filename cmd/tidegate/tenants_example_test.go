package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

const fortyTenants = "../../deploy/examples/forty-tenants"

// Forty tenants with five users each in three accounts take 350 lines, and are what the
// same configuration is without locals, dynamic blocks and defaults.
func TestFortyTenants(t *testing.T) {
	lines, hashes := 0, map[string]string{}
	user := regexp.MustCompile(`user "([a-z]+-[0-9])" \{ password_hash = "([^"]+)" \}`)
	err := filepath.WalkDir(fortyTenants, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		lines += bytes.Count(text, []byte("\n"))
		for _, m := range user.FindAllStringSubmatch(string(text), -1) {
			hashes[m[1]] = m[2]
		}
		return err
	})
	if err != nil || lines > 350 || len(hashes) != 200 {
		t.Fatalf("%d lines and %d users, %v, want at most 350 lines for 200 users", lines, len(hashes), err)
	}
	short := loadedFrom(t, fortyTenants)
	long := filepath.Join(t.TempDir(), "long.hcl")
	text := inLongForm(short, hashes)
	write(t, long, text)
	if n := strings.Count(text, "\n"); n < 4*lines {
		t.Errorf("the long form has %d lines: it is not long", n)
	}
	if d := difference(loadedFrom(t, long), short); d != "" {
		t.Errorf("(-long +short):\n%s", d)
	}
	// What check prints has no secret, and is otherwise the same.
	status, printed, stderr := tidegate(t, "", "check", "-print", fortyTenants)
	if status != exitOK || strings.Contains(printed, "argon2id") {
		t.Fatalf("check -print: %d\n%s", status, stderr)
	}
	masked := regexp.MustCompile(`(?s)(user "([a-z]+-[0-9])" \{.*?password_hash = )"\(secret\)"`)
	write(t, long, masked.ReplaceAllStringFunc(printed, func(text string) string {
		m := masked.FindStringSubmatch(text)
		return m[1] + config.Quote(hashes[m[2]])
	}))
	if d := difference(loadedFrom(t, long), short); d != "" {
		t.Errorf("(-printed +short):\n%s", d)
	}
}

func loadedFrom(t *testing.T, path string) *config.Config {
	t.Helper()
	sources, diags := config.Read(path)
	c, more := config.Load(sources, gateway.Registry(), hostmemory.Limit{})
	if diags = append(diags, more...); diags.HasErrors() {
		var b strings.Builder
		_ = config.WriteDiagnostics(&b, sources, diags)
		t.Fatal(b.String())
	}
	return c
}

// difference compares two configurations except for the places of values.
func difference(a, b *config.Config) string {
	everything := cmp.Exporter(func(reflect.Type) bool { return true })
	places := cmp.FilterPath(func(p cmp.Path) bool {
		switch p.Last().Type() {
		case reflect.TypeFor[hcl.Range](), reflect.TypeFor[hcl.Body](), reflect.TypeFor[hcl.Expression]():
			return true
		}
		return false
	}, cmp.Ignore())
	// All blocks share the identities, and a cache of them has locks.
	shared := cmp.FilterPath(func(p cmp.Path) bool { return strings.HasSuffix(p.Last().String(), ".identities") }, cmp.Ignore())
	return cmp.Diff(a, b, everything, places, shared)
}

// inLongForm writes out every value of every tenant and user.
func inLongForm(c *config.Config, hashes map[string]string) string {
	var b strings.Builder
	for _, account := range []string{"north", "south", "west"} {
		fmt.Fprintf(&b, `
			backend "azblob" %q {
			  account   = "contoso%s"
			  container = "files"
			  auth "managed_identity" {}
			}
		`, account, account)
	}
	b.WriteString(`
		frontend "ftp" "public" {
		  listen = "0.0.0.0:21"
		  passive { listen = "0.0.0.0:30000-30007" }
		  tls {
		    mode      = "required"
		    cert_file = "/etc/tidegate/tls.crt"
		    key_file  = "/etc/tidegate/tls.key"
		  }
		}
	`)
	for _, t := range c.Tenants {
		fmt.Fprintf(&b, `
			tenant %q {
			  mount "/" {
			    backend = backend.azblob.%s
			    path    = %q
			  }
		`, t.Name, t.Mounts[0].Backend.Name, t.Name)
		for i := 1; i <= 5; i++ {
			name := fmt.Sprintf("%s-%d", t.Name, i)
			fmt.Fprintf(&b, `
				user %q {
				  password_hash = %q
				  home          = "/%s"
				  allow         = ["list", "read", "write", "overwrite", "rename", "mkdir"]
				  networks      = ["203.0.113.0/24", "198.51.100.0/24"]
				}
			`, name, hashes[name], name)
		}
		b.WriteString("}\n")
	}
	return b.String()
}
