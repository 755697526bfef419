package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// One slip of the pen is one problem, at its place, with a line that shows nothing but the
// structure and known names.
func TestOneMistakeIsOneProblem(t *testing.T) {
	const planted = "pl4nteds3cret"
	for _, test := range []struct{ name, source, want string }{
		{"unclosed quote", "log {\n  key = \"pl4nteds3cret\n}\n", "2:9 Unclosed quote"},
		{"unclosed quote on an earlier line", "backend \"store\" \"x\" {\n  root = \"/x\n  key = \"pl4nteds3cret\"\n  token = \"pl4nteds3cret\"\n}\nlog {}\n", "2:10 Unclosed quote"},
		{"unclosed quote of a label", "backend \"store \"x\" {\n  key = \"pl4nteds3cret\"\n}\n", "1:18 Unclosed quote"},
		{"unclosed quote in a list", "tenant \"t\" {\n  trusted_user_ca_keys = [\"a\", \"pl4nteds3cret]\n}\n", "2:32 Unclosed quote"},
		{"unclosed quote in a template", "log {\n  level = \"a${env(\"pl4nteds3cret)}\"\n  key = \"pl4nteds3cret\"\n}\n", "2:11 Unclosed quote"},
		{"no opening quote", "log {\n  key = pl4nteds3cret\"\n  x = \"y\"\n}\n", "2:22 Unclosed quote"},
		{"no quotes", "log {\n  key = pl4nteds3cret==\n}\n", "2:24 Invalid expression"},
		{"no quotes and a dash", "log {\n  key = pl4nteds3cret-pl4nteds3cret/x+y==\n}\n", "2:42 Invalid expression"},
		{"single quotes", "log {\n  key = 'pl4nteds3cret'\n}\n", "2:9 Invalid character"},
		{"typographic quotes", "log {\n  key = “pl4nteds3cret”\n  x = “pl4nteds3cret”\n}\n", "2:9 Invalid character"},
		{"typographic single quotes", "log {\n  key = ‘pl4nteds3cret’\n}\n", "2:9 Invalid character"},
		{"guillemets", "log {\n  key = «pl4nteds3cret»\n}\n", "2:9 Invalid character"},
		{"backticks", "log {\n  key = `pl4nteds3cret`\n}\n", "2:9 Invalid character"},
		{"colon", "log {\n  key: \"pl4nteds3cret\"\n}\n", "2:3 Argument or block definition required"},
		{"two equals signs", "log {\n  key == \"pl4nteds3cret\"\n}\n", "2:3 Argument or block definition required"},
		{"no equals sign", "log {\n  key \"pl4nteds3cret\"\n}\n", "2:22 Invalid block definition"},
		{"no brace", "log {\n  key = \"pl4nteds3cret\"\n", "1:5 Unclosed configuration block"},
		{"a brace too many", "log {\n  key = \"pl4nteds3cret\"\n}\n}\ntenant \"pl4nteds3cret\" {}\n", "4:1 Argument or block definition required"},
		{"unclosed list", "log {\n  key = [\n  \"pl4nteds3cret\"\n}\ntenant \"t\" {\n}\n", "4:1 Missing item separator"},
		{"unclosed heredoc", "log {\n  key = <<EOT\npl4nteds3cret\n}\ntenant \"t\" {}\n", "2:9 Unclosed text"},
		{"unclosed interpolation", "log {\n  key = \"${pl4nteds3cret\"\n}\n", "2:25 Unclosed quote"},
		{"unclosed comment", "log {\n  /* key = \"pl4nteds3cret\"\n}\n", "2:3 Argument or block definition required"},
		{"bad escape", "log {\n  key = \"pl4nteds3cret\\q\"\n  x = \"\\q\"\n}\n", "2:23 Invalid escape sequence"},
		{"no comma in a map", "log {\n  x = { a = \"pl4nteds3cret\" b = \"pl4nteds3cret\" }\n}\n", "2:29 Missing attribute separator"},
		{"two arguments on one line", "log { key = \"pl4nteds3cret\", x = \"pl4nteds3cret\" }\n", "1:28 Invalid single-argument block definition"},
		{"alone, as base64", "log {\npl4nteds3cret=\n}\n", "2:15 Invalid expression"},
		{"alone, with spaces", "log {\n  pl4nteds3cret = =\n}\n", "2:19 Invalid expression"},
		{"latin1", "log {\n  key = \"pl4nteds3cret\xe9\"\n}\n", "2:23 Invalid character encoding"},
		{"NUL", "log {\n  key = \"pl4nteds3cret\x00\"\n  x = \x00\n}\n", "3:7 Invalid character"},
		{"an environment file", "export A=pl4nteds3cret\nB=pl4nteds3cret\n", "1:9 Invalid block definition"},
		{"YAML", "backend:\n  - key: pl4nteds3cret\n", "1:1 Argument or block definition required"},
		{"JSON", "{ \"key\": \"pl4nteds3cret\" }\n", "1:1 Argument or block definition required"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sources := []config.Source{{Name: "x.hcl", Bytes: []byte(test.source)}}
			_, diags := config.Load(sources, registry(), hostmemory.Limit{})
			if len(diags) != 1 {
				t.Fatalf("%d problems, want 1:\n%s", len(diags), render(t, sources, diags))
			}
			text := render(t, sources, diags)
			if strings.Contains(text, planted) || strings.Contains(diags.Error(), planted) {
				t.Errorf("the secret is shown in:\n%s", text)
			}
			got := fmt.Sprintf("%d:%d %s", diags[0].Subject.Start.Line, diags[0].Subject.Start.Column, diags[0].Summary)
			if got != test.want {
				t.Errorf("got %q, want %q\n%s", got, test.want, text)
			}
		})
	}
}
