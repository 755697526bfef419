package main

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironment(t *testing.T) {
	const race = "GORACE=atexit_sleep_ms=0 no_huge_pages_for_shadow=0"
	const flags = "-gcflags=golang.org/x/crypto/blowfish=-race=false"
	tests := []struct {
		name            string
		env, args, want []string
	}{
		{"without the race detector", []string{"A=b"}, []string{"-p=2"}, []string{"A=b"}},
		{"with it", []string{"A=b"}, []string{"-p=2", "-race"}, []string{"A=b", race, "GOFLAGS=" + flags}},
		{"with flags", []string{"GOFLAGS=-mod=mod"}, []string{"-race"}, []string{"GOFLAGS=-mod=mod", race, "GOFLAGS=-mod=mod " + flags}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, environment(tt.env, tt.args)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestUntouchedShareNothing: what the race detector does not watch starts no goroutine and
// synchronises with none, and go build takes the flag that says so.
func TestUntouchedShareNothing(t *testing.T) {
	for _, p := range untouched {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", p).Output()
		if err != nil {
			t.Fatalf("%s is no package: %v", p, err)
		}
		dir := strings.TrimSpace(string(out))
		pkg, err := build.ImportDir(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		if rest := slices.DeleteFunc(pkg.Imports, func(i string) bool { return i == "strconv" || i == "math/bits" }); len(rest) > 0 {
			t.Errorf("%s imports %q", p, rest)
		}
		for _, name := range pkg.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n.(type) {
				case *ast.GoStmt, *ast.ChanType:
					t.Errorf("%s: %s starts or shares something", p, name)
				}
				return true
			})
		}
		build := exec.CommandContext(t.Context(), "go", "build", "-gcflags="+p+"=-race=false", p)
		if out, err := build.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}
