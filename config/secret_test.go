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
	"github.com/tidegate/tidegate/internal/hostmemory"
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

// The misspelt argument is shown with its value.
func TestMisspeltArgumentIsShown(t *testing.T) {
	for source, want := range map[string]string{
		"backend \"store\" \"x\" {\n  rooot = \"contosoingest\"\n}\n": `rooot = "contosoingest"`,
		"backend \"store\" \"x\" {\n  tokn = \"contosoingest\"\n}\n":  `tokn = "*************"`,
		"backend \"store\" \"x\" {\n  bar = \"contosoingest\"\n}\n":   `bar = "*************"`,
	} {
		sources := []config.Source{{Name: "x.hcl", Bytes: []byte(source)}}
		_, diags := config.Load(sources, registry(), hostmemory.Limit{})
		if text := render(t, sources, diags); !strings.Contains(text, want) {
			t.Errorf("no %s in:\n%s", want, text)
		}
	}
}

// No diagnostic shows a secret, at any place in a wrong configuration.
func TestDiagnosticsShowNoSecret(t *testing.T) {
	const planted = "pl4nted-s3cret"
	dir := t.TempDir()
	t.Setenv("PLANTED", planted)
	t.Setenv("PLANTED_NUMBER", "4711047110")
	t.Setenv("PLANTED_QUOTED", `pl4nted\"s3cret`)
	t.Setenv("PLANTED_SHORT", "s3cr")
	if err := os.WriteFile(filepath.Join(dir, "lines"), []byte("first line\npl4nted-s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(planted+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, source string }{
		{"misspelt argument", `backend "store" "x" { tokem = "pl4nted-s3cret" }`},
		{"misspelt beyond recognition", `backend "store" "x" { foo = "pl4nted-s3cret" }`},
		{"misspelt, and a secret elsewhere", "backend \"store\" \"x\" {\n rooot = \"pl4nted-s3cret\"\n key = \"pl4nted-s3cret\"\n}"},
		{"misspelt, and as long as a secret", `backend "store" "x" { rooot = "pl4nted-s3cret/pl4nted-s3cret" }`},
		{"misspelt, in a list", `backend "store" "x" { kay = ["pl4nted-s3cret"] }`},
		{"misspelt map", `backend "store" "x" { rooot = { a = "pl4nted-s3cret" } }`},
		{"beside a misspelt one", `backend "store" "x" { tokem = "pl4nted-s3cret", rooot = "/" }`},
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
		{"upper case", `log { level = upper(env("PLANTED")) }`},
		{"upper case of a file", `log { level = upper(trimspace(file("key"))) }`},
		{"replaced", `log { level = replace(env("PLANTED"), "-", "_") }`},
		{"part", `log { level = substr(env("PLANTED"), 2, 10) }`},
		{"short part", `log { level = substr(env("PLANTED"), 9, 5) }`},
		{"split and joined", `log { level = join(".", split("-", env("PLANTED"))) }`},
		{"piece", `log { level = split("-", env("PLANTED"))[0] }`},
		{"formatted", `log { level = format("%s!%s", "a", upper(env("PLANTED"))) }`},
		{"template of a function", "transfers { memory = \"a${upper(env(\"PLANTED\"))}b\" }"},
		{"function of a template", "transfers { memory = upper(\"a${env(\"PLANTED\")}b\") }"},
		{"upper case names a variable", `log { level = env(upper(env("PLANTED"))) }`},
		{"upper case names a file", `log { level = file(upper(env("PLANTED"))) }`},
		{"decoded and changed", `log { level = upper(base64decode("cGw0bnRlZC1zM2NyZXQ=")) }`},
		{"with characters that quotes escape", `log { level = env("PLANTED_QUOTED") }`},
		{"second line of a file", `log { level = split("\n", file("lines"))[1] }`},
		{"short", `log { level = env("PLANTED_SHORT") }`},
		{"misspelt key of a map", `backend "store" "x" { root = { pwd = "pl4nted-s3cret" } }`},
		{"unknown key of a map", `backend "store" "x" { root = { foo = "pl4nted-s3cret" } }`},
		{"in a list of a map", `backend "store" "x" { root = { foo = ["pl4nted-s3cret"] } }`},
		{"map over several lines", "backend \"store\" \"x\" {\n root = { a = 1, b = \"pl4nted-s3cret\"\n }\n}"},
		{"comment", "log {\n level = \"loud\" # was pl4nted-s3cret\n}"},
		{"quote forgotten before", "backend \"store\" \"x\" {\n root = \"/x\n key = \"pl4nted-s3cret\"\n token = \"pl4nted-s3cret\"\n}"},
		{"opening quote forgotten", "backend \"store\" \"x\" {\n key = pl4nted-s3cret\"\n}"},
		{"no quotes", "backend \"store\" \"x\" {\n key = pl4nted-s3cret==\n}"},
		{"no quotes, harmless name", "backend \"store\" \"x\" {\n foo = pl4nted-s3cret==\n}"},
		{"single quotes", "backend \"store\" \"x\" {\n key = 'pl4nted-s3cret'\n}"},
		{"smart quotes", "backend \"store\" \"x\" {\n key = “pl4nted-s3cret”\n}"},
		{"colon", "backend \"store\" \"x\" {\n key: \"pl4nted-s3cret\"\n}"},
		{"two equals signs", "backend \"store\" \"x\" {\n key == \"pl4nted-s3cret\"\n}"},
		{"list that is not closed", "backend \"store\" \"x\" {\n key = [\n\"pl4nted-s3cret\"\n}"},
		{"list with smart quotes", "backend \"store\" \"x\" {\n key = [\n“pl4nted-s3cret”\n]\n}"},
		{"map without equals signs", "backend \"store\" \"x\" {\n root = {\n foo \"pl4nted-s3cret\"\n }\n}"},
		{"block header that is none", "key \"pl4nted-s3cret\" {\n"},
		{"heredoc that does not end", "backend \"store\" \"x\" {\n key = <<EOT\npl4nted-s3cret\n}"},
		{"brace forgotten", "backend \"store\" \"x\" {\n key = \"pl4nted-s3cret\"\n"},
		{"alone on a line", "pl4nted-s3cret"},
		{"alone on a line, with an equals sign", "pl4nted-s3cret="},
		{"environment file", "export KEY=pl4nted-s3cret"},
		{"yaml", "backend:\n  key: pl4nted-s3cret\n"},
		{"json", "{ \"key\": \"pl4nted-s3cret\" }"},
		{"local", "locals { x = env(\"PLANTED\") }\nlog { level = local.x }"},
		{"local with the value of a file", "locals { x = trimspace(file(\"key\")) }\nlog { level = local.x }"},
		{"local of a local", "locals {\n a = { b = [upper(local.c)] }\n c = env(\"PLANTED\")\n}\nlog { level = local.a.b[0] }"},
		{"local in a template", "locals { x = \"a${env(\"PLANTED\")}b\" }\nlog { level = \"${local.x}c\" }"},
		{"part of a local", "locals { x = env(\"PLANTED\") }\nlog { level = substr(local.x, 2, 10) }"},
		{"key of a local", "locals { x = { (env(\"PLANTED\")) = 1 } }\nlog { level = keys(local.x)[0] }"},
		{"index of a local", "locals { x = { a = 1 } }\nlog { level = local.x[env(\"PLANTED\")] }"},
		{"wrong local", "locals { x = env(\"PLANTED\") + 1 }"},
		{"text in a local", "locals { my_key = \"pl4nted-s3cret\" + 1 }"},
		{"label of a dynamic block", "dynamic \"backend\" {\n for_each = [env(\"PLANTED\")]\n labels = [backend.value, \"x\"]\n content {}\n}"},
		{"collection of a dynamic block", "dynamic \"backend\" {\n for_each = env(\"PLANTED\")\n labels = [\"store\", \"x\"]\n content {}\n}"},
		{"iterator", "dynamic \"backend\" {\n for_each = [env(\"PLANTED\")]\n labels = [\"store\", \"x\"]\n content { root = \"a/${backend.value}\" }\n}"},
		{"user of a dynamic block", "tenant \"t\" {\n dynamic \"user\" {\n for_each = [env(\"PLANTED\")]\n labels = [user.value]\n content { home = user.value }\n}\n}"},
		{"inherited", "locals { x = env(\"PLANTED\") }\ndefaults {\n user { login = local.x }\n}\ntenant \"t\" {\n user \"u\" {}\n}"},
		{"inherited, misspelt", "defaults {\n user { pasword_hash = \"pl4nted-s3cret\" }\n}"},
		{"inherited path", "defaults {\n user { home = \"/${env(\"PLANTED\")}/../${user.name}\" }\n}\ntenant \"t\" {\n user \"u\" {}\n}"},
		{"latin1", "backend \"store\" \"x\" {\n key = \"pl4nted-s3cret\xe9\"\n}"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sources := []config.Source{{Name: filepath.Join(dir, "x.hcl"), Bytes: []byte(test.source)}}
			_, diags := config.Load(sources, registry(), hostmemory.Limit{})
			if !diags.HasErrors() {
				t.Fatal("the configuration is not wrong")
			}
			for _, d := range diags {
				if d.Subject == nil {
					t.Errorf("no place: %v", d)
				}
			}
			text := render(t, sources, diags)
			for _, bad := range []string{planted, "4711047110", "PL4NTED-S3CRET", "S3CRET", "s3cr", "pl4nted", "4nted-s3cr"} {
				if strings.Contains(text, bad) || strings.Contains(diags.Error(), bad) {
					t.Errorf("%q is shown in:\n%s\n%v", bad, text, diags)
				}
			}
		})
	}
}
