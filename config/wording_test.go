package config_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// One mistake is one problem, with a remedy in the words of the documentation instead of
// hcl's.
func TestWording(t *testing.T) {
	const disk = "backend \"store\" \"disk\" { root = \"/\" }\n"
	const hash = `password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"`
	tenant := func(body string) string {
		return disk + "tenant \"t\" {\n mount \"/\" { backend = backend.store.disk }\n" + body + "\n}\n"
	}
	user := func(line string) string { return tenant("user \"u\" {\n" + line + "\n}") }
	for _, test := range []struct{ name, source, want string }{
		{"text for a list", `log { level = ["info"] }`, `Write one text in quotes: "…".`},
		{"map for a text", `log { level = { a = 1 } }`, `Write one text in quotes: "…".`},
		{"null", `log { level = null }`, "or leave the line out."},
		{"text for a number", `node { index = "first" }`, "Write a number, without quotes."},
		{"fraction", `node { index = 1.5 }`, "Write a whole number, without quotes."},
		{"text for a switch", user(hash + "\nrequire_close_notify = \"maybe\""), "Write true or false, without quotes."},
		{"number for a switch", user(hash + "\nrequire_close_notify = 1"), "Write true or false, without quotes."},
		{"no label", "tenant {\n mount \"/\" {}\n}", `Write: tenant "NAME" { … }`},
		{"one label of two", `backend "store" {}`, `Write: backend "TYPE" "NAME" { … }`},
		{"a label too many", "tenant \"t\" \"u\" {}", `There is one label too many. Write: tenant "NAME" { … }`},
		{"missing argument", `backend "store" "x" {}`, "Write: root = …"},
		{"variable that is not set", `log { level = env("TIDEGATE_TEST_UNSET") }`, `  The environment variable "TIDEGATE_TEST_UNSET" is not set.`},
		{"argument twice", "log {\n level = \"info\"\n level = \"warn\"\n}", "already set at x.hcl:2:2."},
		{"misspelt required argument", `backend "store" "x" { rot = "/" }`, `Did you mean "root"?`},
		{"misspelt argument that a check needs", "backend \"store\" \"x\" {\n root = \"/\"\n key = \"a\"\n token = \"b\"\n kye = \"c\"\n}", `"kye" is not expected here.`},
		{"misspelt mount", disk + "tenant \"t\" {\n mout \"/\" { backend = backend.store.disk }\n user \"u\" {\n home = \"/x\"\n" + hash + "\n}\n}", `Did you mean "mount"?`},
		{"no mount", disk + "tenant \"t\" {\n user \"u\" {\n home = \"/x\"\n" + hash + "\n}\n}", "Its users would see nothing."},
		{"misspelt reference", disk + "tenant \"t\" {\n mount \"/\" { backnd = backend.store.disk }\n}", `Did you mean "backend"?`},
		{"password", user(`password = "abc"`), `Did you mean "password_hash"?`},
		{"misspelt hash", user(`pasword_hash = "abc"`), `Did you mean "password_hash"?`},
		{"getenv", `log { level = getenv("A") }`, `Did you mean "env"?`},
		{"unknown type", "backend \"stor\" \"x\" { root = \"/\" }\ntenant \"t\" {\n mount \"/\" { backend = backend.store.x }\n}", `Did you mean "store"?`},
		{"unknown type, as misspelt in the mount", "backend \"stor\" \"x\" { root = \"/\" }\ntenant \"t\" {\n mount \"/\" { backend = backend.stor.x }\n}", `Did you mean "store"?`},
		{"memory without a unit", `transfers { memory = "256" }`, "A number without a unit is a number of bytes."},
		{"memory as a number", `transfers { memory = 256 }`, "A number without a unit is a number of bytes."},
		{"duration without a unit", `transfers { grace = 120 }`, "There is no unit."},
	} {
		t.Run(test.name, func(t *testing.T) {
			sources := []config.Source{{Name: "x.hcl", Bytes: []byte(test.source)}}
			_, diags := config.Load(sources, registry(), hostmemory.Limit{})
			text := render(t, sources, diags)
			if len(diags) != 1 || !strings.Contains(text, test.want) {
				t.Errorf("%d problems, want one with %q:\n%s", len(diags), test.want, text)
			}
			for _, jargon := range []string{"Unsuitable value:", "bool", "tuple", "labels", "parameter", "definition was found"} {
				if strings.Contains(text, jargon) {
					t.Errorf("%q stands in:\n%s", jargon, text)
				}
			}
		})
	}
}

// A misspelt name explains a missing argument only in its own block.
func TestMissingInAnotherBlock(t *testing.T) {
	sources := []config.Source{{Name: "x.hcl", Bytes: []byte("backend \"store\" \"a\" {}\nbackend \"store\" \"b\" {\n rot = \"/\"\n}\n")}}
	_, diags := config.Load(sources, registry(), hostmemory.Limit{})
	if len(diags) != 2 || diags[0].Subject.Start.Line != 1 || diags[1].Subject.Start.Line != 3 {
		t.Errorf("want the missing root of a, and the misspelt one of b:\n%s", render(t, sources, diags))
	}
}

func TestReversedRange(t *testing.T) {
	for address, want := range map[string]string{
		"0.0.0.0:30007-30000": `reversed. Write: "0.0.0.0:30000-30007"`, "[::1]:9-2": `reversed. Write: "[::1]:2-9"`,
		"0.0.0.0:30000-70000": "up to 65535", "0.0.0.0:a-b": "up to 65535", "0.0.0.0:0-5": "up to 65535", "0.0.0.0:0-0": "up to 65535",
		"0.0.0.0:30000-30007": "", "0.0.0.0:30000": "", "0.0.0.0:0": "",
	} {
		diags := config.CheckListenRange(address, hcl.Range{}, "0.0.0.0:30000-30007")
		if got := diags.Error(); (want == "") != (len(diags) == 0) || want != "" && !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %q", address, got, want)
		}
	}
}
