package rules

import (
	"go/ast"
	"strings"
	"testing"
)

// layers says which packages of this module the packages of a directory may import. The
// first line that matches a package applies to it. A package may always import the
// packages below its own directory, except for the packages in exactly: these are
// contracts, and the packages below implement them.
var layers = []struct {
	dir    string
	allows []string
}{
	{"vfs/vfstest", []string{"vfs"}},
	{"vfs", nil},
	{"cmd/internal/gateway", []string{"vfs", "config", "frontends", "backends", "cmd/internal/events", "internal"}},
	{"internal/testing", []string{"internal", "vfs", "vfs/vfstest/patience"}},
	{"internal", []string{"internal", "vfs"}},
	{"config", []string{"vfs", "internal"}},
	{"backends", []string{"vfs", "config", "backends", "internal"}},
	{"cmd/internal/events", []string{"config", "cmd/internal/events", "internal", "backends/azblob/azauth"}}, // queues of Azure take the credentials of its blobs
	{"frontends/frontendtest", []string{"vfs", "vfs/vfstest/leak", "vfs/vfstest/patience", "frontends", "frontends/sftp/sftpclient", "frontends/sftp/wire", "internal"}},
	{"frontends/listen", []string{"internal"}},
	{"frontends/sftp/reorder", nil},
	{"frontends/sftp/sftpclient", []string{"frontends/sftp/wire"}},
	{"frontends/sftp/wire", nil}, // packets alone: tests speak with it too
	{"frontends/streams", []string{"vfs", "internal"}},
	{"frontends", []string{"vfs", "config", "frontends", "frontends/listen", "frontends/streams", "internal"}},
	{"cmd", []string{"cmd/internal", "config", "frontends", "internal"}}, // frontends for the keys that dev makes
	{"test", []string{"vfs", "config", "frontends", "backends", "internal", "test/launch"}},
}

// exactly lists the directories of layers that stand for one package and not for
// what is below it.
var exactly = map[string]bool{"backends": true, "cmd/internal/events": true, "frontends": true, "vfs": true}

// wide lists the directories whose packages may import everything below what
// layers allows them.
var wide = map[string]bool{"cmd": true, "cmd/internal/gateway": true, "test": true}

// users lists the packages of internal that not everybody above may import, with
// the directories that may.
var users = map[string][]string{
	"internal/auth":    {"config", "frontends", "cmd", "test"},
	"internal/tenant":  {"config", "frontends", "internal/auth", "cmd", "test"},
	"internal/testing": forTests,
}

// forTests lists the packages that exist for tests: nothing that is shipped
// imports them.
var forTests = []string{"vfs/vfstest", "frontends/frontendtest", "frontends/sftp/sftpclient", "internal/testing", "test"}

// inTests lists what tests may import in addition to their layer.
var inTests = append([]string{"backends/memory"}, forTests...)

// libraries says where a library may be imported outside tests. What is not
// listed may be imported everywhere but in vfs.
var libraries = []struct {
	prefix string
	dirs   []string
}{
	{"github.com/Azure/", []string{"backends/azblob", "cmd/internal/events/azurequeue", "backends/rclone", "internal/azurecode", "internal/testing", "test/bench", "test/demo", "test/requests"}},
	{"github.com/rclone/", []string{"backends/rclone"}},
	{"github.com/fclairamb/ftpserverlib", []string{"frontends/ftp/engine"}},
	{"github.com/spf13/afero", []string{"frontends/ftp/engine"}},
	{"github.com/prometheus/", []string{"frontends/status"}},
	{"go.opentelemetry.io/", []string{"internal/tracing"}},
	{"github.com/pkg/sftp", []string{"frontends/frontendtest", "backends/rclone", "test/bench", "test/clients", "test/requests"}},
	{"golang.org/x/crypto/ssh", []string{"frontends/sftp", "frontends/frontendtest", "internal/auth", "test/bench", "test/requests"}},
	{"testing", forTests},
}

func TestImports(t *testing.T) {
	fset, files := parse(t)
	for _, f := range files {
		f.imports(func(p string, spec *ast.ImportSpec) {
			at := fset.Position(spec.Pos())
			if own, ok := strings.CutPrefix(p, module+"/"); ok {
				if spec.Name != nil && spec.Name.Name == "_" && own != rcloneEnvironment {
					t.Errorf("%s: %s has no effect to import it for", at, own)
				}
				if !mayImport(f, own) {
					t.Errorf("%s: %s may not import %s", at, f.dir, own)
				}
				return
			}
			if f.test {
				return
			}
			for _, l := range libraries {
				if (p == l.prefix || strings.HasPrefix(p, l.prefix+"/") || strings.HasPrefix(p, l.prefix) && strings.HasSuffix(l.prefix, "/")) &&
					!within(f.dir, l.dirs...) {
					t.Errorf("%s: %s is imported only in %s", at, p, strings.Join(l.dirs, ", "))
				}
			}
			if f.dir == "vfs" && strings.Contains(p, ".") {
				t.Errorf("%s: vfs imports the standard library only, not %s", at, p)
			}
			if strings.HasPrefix(p, "github.com/hashicorp/hcl") && f.dir != "config" && !strings.HasSuffix(f.name, "/config.go") {
				t.Errorf("%s: hcl is imported only in config and in files named config.go", at)
			}
			if spec.Name != nil && spec.Name.Name == "_" && p != "embed" && f.dir != "backends/rclone" {
				t.Errorf("%s: blank imports are rclone's way to choose, not ours", at)
			}
		})
	}
}

// mayImport reports whether a file may import the package own of this module.
func mayImport(f *file, own string) bool {
	if own == f.dir || within(own, f.dir) && !exactly[f.dir] || f.test && within(own, inTests...) {
		return true
	}
	if within(own, forTests...) && !within(f.dir, forTests...) {
		return false
	}
	for dir, allowed := range users {
		if within(own, dir) && !within(f.dir, allowed...) {
			return false
		}
	}
	for _, l := range layers {
		if !within(f.dir, l.dir) {
			continue
		}
		for _, allowed := range l.allows {
			if own == allowed || within(own, allowed) && (wide[l.dir] || !exactly[allowed]) {
				return true
			}
		}
		// A subpackage and its parent belong together: frontends/ftp/passive.
		parts := strings.SplitN(f.dir, "/", 3)
		return len(parts) == 3 && !exactly[f.dir] && within(own, parts[0]+"/"+parts[1])
	}
	return false
}

// TestImportTable shows that the table refuses imports that are not allowed.
func TestImportTable(t *testing.T) {
	tests := []struct {
		from string
		test bool
		own  string
		want bool
	}{
		{"vfs", false, "config", false},
		{"vfs", false, "internal/memory/chunk", false},
		{"backends/azblob", false, "vfs", true},
		{"backends/azblob", false, "config", true},
		{"backends/azblob", false, "internal/memory/chunk", true},
		{"backends/azblob", false, "backends/memory", false},
		{"backends/azblob", false, "backends", true},
		{"backends", false, "backends/azblob", false},
		{"backends", false, "frontends", false},
		{"backends/azblob", false, "frontends", false},
		{"backends/azblob", false, "internal/auth", false},
		{"backends/azblob", false, "vfs/vfstest", false},
		{"backends/azblob", true, "vfs/vfstest", true},
		{"vfs/vfstest", false, "internal/testing/faulty", false},
		{"vfs/vfstest", false, "vfs/vfstest/leak", true},
		{"internal/testing/faulty", false, "vfs", true},
		{"internal/testing/faulty", false, "frontends", false},
		{"frontends/frontendtest", false, "internal/testing/faulty", true},
		{"frontends/frontendtest/sftptest", false, "frontends/sftp/wire", true},
		{"frontends/frontendtest", false, "frontends/sftp", false},
		{"frontends/sftp", false, "frontends/frontendtest", false},
		{"frontends/sftp", true, "frontends/frontendtest", true},
		{"backends/azblob", false, "internal/testing/azstub", false},
		{"backends/azblob", true, "internal/testing/azstub", true},
		{"frontends/ftp", false, "internal/auth", true},
		{"frontends/ftp", false, "frontends/ftp/passive", true},
		{"frontends/ftp/passive", false, "frontends/ftp", true},
		{"frontends/ftp", false, "frontends/sftp", false},
		{"frontends/sftp", false, "internal/auth", true},
		{"frontends/sftp", false, "frontends/ftp", false},
		{"frontends/ftp", false, "backends/memory", false},
		{"frontends/ftp", true, "backends/memory", true},
		{"frontends/ftp", true, "backends/azblob", false},
		{"frontends/sftp", false, "frontends/listen", true},
		{"frontends/listen", false, "frontends/ftp", false},
		{"internal/auth", false, "config", false},
		{"internal/auth", false, "frontends", false},
		{"internal/auth", false, "internal/tenant", true},
		{"backends/azblob", false, "internal/tenant", false},
		{"frontends", false, "vfs", true},
		{"frontends", false, "config", true},
		{"frontends", false, "backends", false},
		{"frontends", false, "frontends/ftp", false},
		{"config", false, "frontends", false},
		{"config", false, "backends", false},
		{"config", false, "internal/auth", true},
		{"config", false, "frontends/ftp", false},
		{"config", false, "backends/memory", false},
		{"cmd/tidegate", false, "cmd/internal/gateway", true},
		{"cmd/tidegate", false, "backends/azblob", false},
		{"cmd/tidegate", false, "frontends/ftp", true},
		{"cmd/internal/gateway", false, "backends/azblob", true},
		{"cmd/internal/gateway", false, "frontends/ftp", true},
		{"cmd/internal/gateway", false, "cmd/tidegate", false},
		{"config", false, "cmd/internal/gateway", false},
		{"frontends/ftp", false, "cmd/internal/gateway", false},
		{"internal/memory/chunk", false, "cmd/internal/gateway", false},
		{"cmd/tidegate", false, "internal/testing/azurite", false},
		{"internal/memory/chunk", false, "config", false},
		{"cmd/internal/events/webhook", false, "cmd/internal/events", true},
		{"cmd/internal/events/webhook", false, "internal/notify", true},
		{"cmd/internal/events/webhook", false, "backends/azblob", false},
		{"cmd/internal/events/azurequeue", false, "backends/azblob/azauth", true},
		{"cmd/internal/events", false, "cmd/internal/events/webhook", false},
		{"internal/notify", false, "config", false},
		{"frontends/ftp", false, "cmd/internal/events", false},
		{"backends/azblob", false, "cmd/internal/events", false},
		{"elsewhere", false, "vfs", false},
	}
	for _, tt := range tests {
		if got := mayImport(&file{dir: tt.from, test: tt.test}, tt.own); got != tt.want {
			t.Errorf("%s (test: %v) imports %s: got %v, want %v", tt.from, tt.test, tt.own, got, tt.want)
		}
	}
}
