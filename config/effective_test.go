package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/config"
)

// vault is a type of a backend with secrets in a map.
type vault struct {
	Root    string            `hcl:"root"`
	Key     config.Secret     `hcl:"key,optional"`
	Token   config.Secret     `hcl:"token,optional"`
	Options map[string]string `hcl:"options,optional"`
}

func (*vault) Validate() hcl.Diagnostics { return nil }

func vaults() config.Registry {
	r := registry()
	r.Backends = []config.Type{config.TypeOf("store", func() vault { return vault{} })}
	return r
}

// The effective configuration with its secrets loads to the same Config, and printing that
// once more changes nothing but the comments.
func TestEffectiveLoadsToTheSame(t *testing.T) {
	paths, err := filepath.Glob("testdata/valid/*")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	t.Setenv("PLANTED", "pl4nted-s3cret")
	for _, path := range append(paths, "testdata/effective/all.hcl") {
		if info, err := os.Stat(path); err != nil || !info.IsDir() && filepath.Ext(path) != ".hcl" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			types := registry()
			if strings.Contains(path, "effective") {
				types = vaults()
			}
			sources, diags := config.Read(path)
			want, more := config.LoadWith(sources, types, config.Options{})
			if diags = append(diags, more...); diags.HasErrors() {
				t.Fatal(diags)
			}
			text := config.EffectiveUnmasked(sources, types, config.Options{})
			printed := []config.Source{{Name: "printed.hcl", Bytes: text, Dir: dirOf(sources)}}
			got, diags := config.LoadWith(printed, types, config.Options{})
			if diags.HasErrors() {
				t.Fatalf("%v\n%s", diags, text)
			}
			want.Files, got.Files = nil, nil // their values are in the text
			if d := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true }), noPlaces); d != "" {
				t.Errorf("(-want +got):\n%s\n%s", d, text)
			}
			again := config.EffectiveUnmasked(printed, types, config.Options{})
			if d := cmp.Diff(withoutComments(text), withoutComments(again)); d != "" {
				t.Errorf("printed again (-first +second):\n%s", d)
			}
		})
	}
}

func dirOf(sources []config.Source) string {
	if sources[0].Dir != "" {
		return sources[0].Dir
	}
	return filepath.Dir(sources[0].Name)
}

var noPlaces = cmp.FilterPath(func(p cmp.Path) bool {
	switch p.Last().Type() {
	case reflect.TypeFor[hcl.Range](), reflect.TypeFor[hcl.Body](), reflect.TypeFor[hcl.Expression](), reflect.TypeFor[*hcl.EvalContext](), reflect.TypeFor[[]config.File]():
		return true
	}
	return false
}, cmp.Ignore())

func withoutComments(text []byte) string {
	var lines []string
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "# ")
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// The printed configuration masks secrets, shows calls in place of what they return, and
// says from where a value is inherited.
func TestEffectiveText(t *testing.T) {
	t.Setenv("PLANTED", "pl4nted-s3cret")
	const path = "testdata/effective/all.hcl"
	sources, diags := config.Read(path)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if _, diags := config.LoadWith(sources, vaults(), config.Options{}); diags.HasErrors() {
		t.Fatal(diags)
	}
	got := string(config.Effective(sources, vaults(), config.Options{}))
	golden := strings.TrimSuffix(path, ".hcl") + ".golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, secret := range []string{"pl4nted", "literal-s3cret", "aaaaaaaa"} {
		if strings.Contains(strings.ToLower(got), secret) {
			t.Errorf("%q is shown in:\n%s", secret, got)
		}
	}
}
