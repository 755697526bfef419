package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// FuzzNoSecret plants a secret anywhere in a file and, as a variable of the environment,
// behind it. The first is never shown when the syntax is wrong, the second never at all.
func FuzzNoSecret(f *testing.F) {
	const written, variable = "zq4planted7text", "zq5planted8variable"
	f.Setenv("PLANTED", variable)
	paths, err := filepath.Glob("testdata/*/*.hcl")
	if err != nil || len(paths) == 0 {
		f.Fatal(paths, err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if !unbounded.Match(b) {
			f.Add(string(b), uint(len(b)/2))
		}
	}
	for _, text := range []string{
		"backend \"store\" \"x\" {\n  root = \"/x\n  key = \"\"\n}\n", "log {\n  level = \n}", "log {\n  key = <<E\n\nE\n", "log {\n  key: ''\n}",
		"locals { x = env(\"PLANTED\") }\nlog { level = local.x }", "backend \"store\" \"x\" {\n  key = “”\n", "# \nlog {", "user \"\" {\n=",
	} {
		for at := range len(text) {
			f.Add(text, uint(at))
		}
	}
	f.Fuzz(func(t *testing.T, text string, at uint) {
		if unbounded.MatchString(text) || strings.Contains(text, written) || strings.Contains(text, variable) {
			t.Skip("hcl takes unbounded memory for this, or the text is in the corpus already")
		}
		at %= uint(len(text) + 1)
		for planted, source := range map[string]string{
			written:  text[:at] + written + text[at:],
			variable: text + "\nbackend \"store\" \"planted\" {\n  root = env(\"PLANTED\")\n  key = upper(env(\"PLANTED\")) + 1\n}\n",
		} {
			sources := []config.Source{{Name: "fuzz.hcl", Bytes: []byte(source)}}
			_, diags := config.Load(sources, registry(), hostmemory.Limit{})
			if planted == written && !wrongSyntax(source) {
				continue // the text may be a name, or the value that is wrong
			}
			shown := render(t, sources, diags) + diags.Error()
			if strings.Contains(strings.ToLower(shown), planted) {
				t.Errorf("the secret is shown in:\n%s\nof:\n%s", shown, source)
			}
		}
		// Nor does the printed configuration show it.
		source := text + "\nbackend \"store\" \"planted\" {\n  root = \"/${env(\"PLANTED\")}\"\n  key = upper(env(\"PLANTED\"))\n}\n"
		sources := []config.Source{{Name: "fuzz.hcl", Bytes: []byte(source)}}
		if _, diags := config.Load(sources, registry(), hostmemory.Limit{}); !diags.HasErrors() {
			if shown := string(config.Effective(sources, registry(), config.Options{})); strings.Contains(strings.ToLower(shown), variable) {
				t.Errorf("the secret is printed in:\n%s\nof:\n%s", shown, source)
			}
		}
	})
}

func wrongSyntax(source string) bool {
	_, diags := hclsyntax.ParseConfig([]byte(source), "", hcl.InitialPos)
	return diags.HasErrors()
}
