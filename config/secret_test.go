package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/config"
)

func TestSecretIsNotShown(t *testing.T) {
	const planted = "pl4nted-s3cret"
	s := config.Secret(planted)
	type holder struct {
		Key  config.Secret
		Deep []config.Secret
		Ptr  *config.Secret
	}
	h := holder{Key: s, Deep: []config.Secret{s}, Ptr: &s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", h)
		fmt.Fprintf(&out, verb+"\n", &h)
	}
	fmt.Fprintln(&out, s, h, fmt.Errorf("no: %v", s))
	if err := json.NewEncoder(&out).Encode(h); err != nil {
		t.Fatal(err)
	}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(handler).Info("m", "s", s, "h", h, slog.Group("g", "s", s))
	}
	for _, bad := range []string{planted, fmt.Sprintf("%x", planted), fmt.Sprintf("%X", planted)} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("%q is shown in:\n%s", bad, out.String())
		}
	}
	if s.Reveal() != planted {
		t.Errorf("Reveal = %q, want the text", s.Reveal())
	}
}

// Wherever a secret stands in a wrong configuration, no diagnostic shows it.
func TestDiagnosticsShowNoSecret(t *testing.T) {
	const planted = "pl4nted-s3cret"
	t.Setenv("PLANTED", planted)
	t.Setenv("PLANTED_NUMBER", "4711047110")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(planted+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, source string }{
		{"misspelt argument", `backend "store" "x" { tokem = "pl4nted-s3cret" }`},
		{"misspelt beyond recognition", `backend "store" "x" { foo = "pl4nted-s3cret" }`},
		{"argument of a wrong block", `log { key = "pl4nted-s3cret" }`},
		{"wrong type", `backend "store" "x" { key = ["pl4nted-s3cret"] }`},
		{"wrong type of a call", "backend \"store\" \"x\" {\n root = \"/\"\n key = [env(\"PLANTED\")]\n}"},
		{"plain password", "tenant \"t\" {\n user \"u\" { password_hash = \"pl4nted-s3cret\" }\n}"},
		{"plain password, wrong name", "tenant \"t\" {\n user \"u\" { password = \"pl4nted-s3cret\" }\n}"},
		{"plain password in a block", "tenant \"t\" {\n user \"u\" {\n password {\n a = \"pl4nted-s3cret\"\n}\n}\n}"},
		{"unterminated", `backend "store" "x" { key = "pl4nted-s3cret`},
		{"unterminated on a line of its own", "backend \"store\" \"x\" {\n key = \"pl4nted-s3cret\n}"},
		{"bad escape", `backend "store" "x" { key = "pl4nted-s3cret\q" }`},
		{"missing equals sign", "backend \"store\" \"x\" {\n key \"pl4nted-s3cret\"\n}"},
		{"missing operator", "backend \"store\" \"x\" {\n key = \"pl4nted-s3cret\" \"pl4nted-s3cret\"\n}"},
		{"in a template", "backend \"store\" \"x\" {\n key = \"a${ nope }pl4nted-s3cret\"\n}"},
		{"in a call", "backend \"store\" \"x\" {\n key = trimspace(nope(\"pl4nted-s3cret\"))\n}"},
		{"in a map", "tenant \"t\" {\n mount \"/\" {\n content_types = { key = \"pl4nted-s3cret\", a = nope }\n }\n}"},
		{"heredoc", "backend \"store\" \"x\" {\n key = <<EOT\n${nope}pl4nted-s3cret\nEOT\n}"},
		{"base64 of something else", `backend "store" "x" { key = base64decode("pl4nted-s3cret") }`},
		{"base64 of a variable", `backend "store" "x" { key = base64decode(env("PLANTED")) }`},
		{"number wanted", `node { index = env("PLANTED") }`},
		{"node's name", `node { name = env("PLANTED") }
			backend "store" "x" { root = node.name.foo }`},
		{"ordinal", `node { index = ordinal(env("PLANTED")) }`},
		{"word", `log { level = env("PLANTED") }`},
		{"word of a file", `log { level = trimspace(file("key")) }`},
		{"decoded word", `log { level = base64decode("cGw0bnRlZC1zM2NyZXQ=") }`},
		{"size", `transfers { memory = env("PLANTED") }`},
		{"duration", `transfers { grace = env("PLANTED") }`},
		{"value that a backend quotes", `backend "store" "x" { root = "a/${env("PLANTED")}" }`},
		{"network", "tenant \"t\" {\n user \"u\" { networks = [env(\"PLANTED\")] }\n}"},
		{"right", "tenant \"t\" {\n user \"u\" { allow = [env(\"PLANTED\")] }\n}"},
		{"path", "tenant \"t\" {\n user \"u\" { home = env(\"PLANTED\") }\n}"},
		{"reference", "tenant \"t\" {\n mount \"/\" { backend = env(\"PLANTED\") }\n}"},
		{"index of an object", `backend "store" "x" { root = { a = 1 }[env("PLANTED")] }`},
		{"key of a for expression", `backend "store" "x" { root = { for k in [env("PLANTED"), env("PLANTED")] : k => k } }`},
		{"operand", `transfers { memory = env("PLANTED") + 1 }`},
		{"number out of range", `node { index = env("PLANTED_NUMBER") * 1000000000000000 }`},
		{"condition", `log { level = env("PLANTED") ? "a" : "b" }`},
		{"argument of a function of text", `log { level = substr(env("PLANTED"), "x", 1) }`},
		{"format", `log { level = format("%d", env("PLANTED")) }`},
		{"name of a file", `log { level = file(env("PLANTED")) }`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sources := []config.Source{{Name: filepath.Join(dir, "x.hcl"), Bytes: []byte(test.source)}}
			_, diags := config.Load(sources, registry())
			if !diags.HasErrors() {
				t.Fatal("the configuration is not wrong")
			}
			for _, d := range diags {
				if d.Subject == nil {
					t.Errorf("no place: %v", d)
				}
			}
			text := render(t, sources, diags)
			for _, bad := range []string{planted, "4711047110"} {
				if strings.Contains(text, bad) || strings.Contains(diags.Error(), bad) {
					t.Errorf("%q is shown in:\n%s\n%v", bad, text, diags)
				}
			}
		})
	}
}
