package local_test

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/local"
)

func decode(t *testing.T, body string) (backends.Config, hcl.Diagnostics) {
	t.Helper()
	file, diags := hclparse.NewParser().ParseHCL([]byte(body), "test.hcl")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	decoded, diags := local.Type().Decode(file.Body, nil)
	return decoded.(backends.Config), diags
}

func TestConfig(t *testing.T) {
	tests := []struct {
		name, body string
		fsync      bool
	}{
		{"fsync is the default", `root = "/srv/files"`, true},
		{"fsync", "root = \"/srv/files\"\nfsync = true", true},
		{"no fsync", "root = \"/srv/files\"\nfsync = false", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, diags := decode(t, tt.body)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			got := c.(*local.Config)
			if got.Root != "/srv/files" || got.Fsync != tt.fsync {
				t.Errorf("got %+v, want fsync %v", got, tt.fsync)
			}
		})
	}
	if name := local.Type().Name(); name != "local" {
		t.Errorf("the type is called %q", name)
	}
}

func TestConfigRefuses(t *testing.T) {
	tests := []struct {
		name, body, summary string
		line                int
	}{
		{"no root", `fsync = true`, "Missing required argument", 1},
		{"empty root", "fsync = true\nroot = \"\"", "Empty root", 2},
		{"not a boolean", "root = \"/srv\"\nfsync = \"perhaps\"", "Unsuitable value type", 2},
		{"mode of a file", "root = \"/srv\"\nfile_mode = \"rw-r--r--\"", "Mode is not valid", 2},
		{"mode that is not octal", "root = \"/srv\"\nfile_mode = \"0680\"", "Mode is not valid", 2},
		{"empty mode", "root = \"/srv\"\ndir_mode = \"\"", "Mode is not valid", 2},
		{"mode with setuid", "root = \"/srv\"\nfile_mode = \"4755\"", "Mode is not valid", 2},
		{"negative mode", "root = \"/srv\"\nfile_mode = \"-640\"", "Mode is not valid", 2},
		{"mode without reading", "root = \"/srv\"\nfile_mode = \"0200\"", "Mode keeps Tidegate out", 2},
		{"mode of a directory", "root = \"/srv\"\ndir_mode = \"0640\"", "Mode keeps Tidegate out", 2},
		{"unknown", "root = \"/srv\"\nrooot = \"/srv\"", "Unsupported argument", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, diags := decode(t, tt.body)
			if len(diags) != 1 || diags[0].Summary != tt.summary || diags[0].Subject == nil || diags[0].Subject.Start.Line != tt.line {
				t.Errorf("got %v, want %q in line %d", diags, tt.summary, tt.line)
			}
		})
	}
}

func TestConfigOpen(t *testing.T) {
	env := backends.Env{Name: "disk", Log: slog.New(slog.DiscardHandler)}
	root := t.TempDir()
	c := &local.Config{Root: root, Fsync: true}
	b, err := c.Open(t.Context(), env)
	must(t, err)
	must(t, b.Close())
	c.Root = filepath.Join(root, "missing")
	if _, err := c.Open(t.Context(), env); err == nil || !strings.Contains(err.Error(), c.Root) {
		t.Errorf("Open of a missing root: %v, want an error that names it", err)
	}
}
