package gateway

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// blocks loads a configuration and returns the bodies of its backends and frontends.
func blocks(t *testing.T, dir, text string) map[string]config.Body {
	t.Helper()
	c, diags := config.Load([]config.Source{{Name: filepath.Join(dir, "test.hcl"), Bytes: []byte(text)}}, Registry(), hostmemory.Limit{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	all := map[string]config.Body{}
	for _, b := range c.Backends {
		all[b.Type] = b.Config
	}
	for _, f := range c.Frontends {
		all[f.Type] = f.Config
	}
	return all
}

// Bodies are the same wherever they stand and however they are written, and every
// value counts, those of options, of secrets and of inner blocks too.
func TestSameBlocks(t *testing.T) {
	const text = `
		backend "azblob" "a" {
		  account   = "contoso"
		  container = "files"
		  auth "shared_key" { key = "QUJD" }
		}
		backend "rclone" "r" {
		  type    = "s3"
		  root    = "bucket"
		  options = { provider = "AWS" }
		}
		backend "local" "l" { root = "/" }
		frontend "ftp" "f" {
		  listen         = "127.0.0.1:2121"
		  proxy_protocol = ["10.0.0.0/8"]
		  passive {
		    listen = "127.0.0.1:30000"
		    network "192.0.2.0/24" { host = "192.0.2.1" }
		  }
		  tls {
		    mode        = "optional"
		    self_signed = true
		  }
		}
		frontend "sftp" "s" {
		  listen         = "127.0.0.1:2222"
		  host_key_files = ["key"]
		}
		tenant "t" {
		  mount "/" { backend = backend.azblob.a }
		}
	`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bucket"), []byte("bucket"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := blocks(t, dir, text)
	for _, moved := range []string{
		"# a line more\n" + text,
		strings.ReplaceAll(text, `"AWS"`, `"A${"WS"}"`),
		strings.ReplaceAll(text, `"bucket"`, `file("bucket")`),
	} {
		after := blocks(t, dir, moved)
		for _, name := range slices.Sorted(maps.Keys(before)) {
			if !config.Same(before[name], after[name]) {
				t.Errorf("%s differs, only written differently:\n%s", name, moved)
			}
		}
	}
	for _, change := range []struct{ block, from, to string }{
		{"azblob", `"contoso"`, `"fabrikam"`},
		{"azblob", `"QUJD"`, `"QUJE"`},
		{"azblob", `container = "files"`, "container = \"files\"\n content_md5 = true"},
		{"rclone", `provider = "AWS"`, `provider = "Minio"`},
		{"rclone", `{ provider = "AWS" }`, `{ provider = "AWS", region = "eu-west-1" }`},
		{"local", `root = "/"`, `root = "/tmp"`},
		{"ftp", `"127.0.0.1:2121"`, `"127.0.0.1:2122"`},
		{"ftp", `["10.0.0.0/8"]`, `["10.0.0.0/8", "10.0.0.1"]`},
		{"ftp", `host = "192.0.2.1"`, `host = "192.0.2.2"`},
		{"ftp", `"optional"`, `"required"`},
		{"sftp", `["key"]`, `["key2"]`},
	} {
		after := blocks(t, dir, strings.Replace(text, change.from, change.to, 1))
		for _, name := range slices.Sorted(maps.Keys(before)) {
			if same := config.Same(before[name], after[name]); same == (name == change.block) {
				t.Errorf("%s for %s: %s is the same: %v", change.to, change.from, name, same)
			}
		}
	}
	if config.Same(before["ftp"], before["sftp"]) || config.Same(before["ftp"], nil) || !config.Same(nil, nil) {
		t.Error("bodies of different types are the same")
	}
}
