package config

import (
	"bytes"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
)

func TestWriteDiagnostics(t *testing.T) {
	src := []byte("log {\n\tlevel = \"é\" + x\r\n}\nkey = \"abc\"\nfoo = [\"abc\", x]\n# \x1b[31m\n")
	// at returns the place of a text that the source contains once.
	at := func(text string) *hcl.Range {
		start := bytes.Index(src, []byte(text))
		if start < 0 {
			t.Fatalf("no %q in the source", text)
		}
		line := 1 + bytes.Count(src[:start], []byte("\n"))
		return &hcl.Range{
			Filename: "a.hcl",
			Start:    hcl.Pos{Line: line, Column: 1, Byte: start},
			End:      hcl.Pos{Line: line, Column: 1 + len(text), Byte: start + len(text)},
		}
	}
	end := hcl.Pos{Line: 7, Column: 1, Byte: len(src)}
	beyond := hcl.Pos{Line: 9, Column: 1, Byte: 1000}
	tests := []struct {
		name string
		d    hcl.Diagnostic
		want string
	}{
		{
			"tabs and wide letters",
			hcl.Diagnostic{Summary: "S", Detail: "D", Subject: at("x\r")},
			"a.hcl:2:1: S\n  2 | \tlevel = \"é\" + x\n    | \t              ^\n  D\n\n",
		},
		{
			"over several lines",
			hcl.Diagnostic{Summary: "S", Detail: "D", Subject: at("log {\n\tlevel")},
			"a.hcl:1:1: S\n  1 | log {\n    | ^^^^^\n  D\n\n",
		},
		{
			"warning",
			hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: "S", Detail: "D", Subject: at("log")},
			"a.hcl:1:1: warning: S\n  1 | log {\n    | ^^^\n  D\n\n",
		},
		{
			"secret",
			hcl.Diagnostic{Summary: "S", Detail: "D", Subject: at(`"abc"`)},
			"a.hcl:4:1: S\n  4 | key = \"***\"\n    |       ^^^^^\n  D\n\n",
		},
		{
			"value",
			hcl.Diagnostic{Summary: "S", Detail: "D", Subject: at("x]")},
			"a.hcl:5:1: S\n  5 | foo = [\"abc\", x]\n    |               ^^\n  D\n\n",
		},
		{
			"misspelt name",
			hcl.Diagnostic{Summary: "S", Detail: "D", Subject: at("foo")},
			"a.hcl:5:1: S\n  5 | foo = [\"***\", x]\n    | ^^^\n  D\n\n",
		},
		{
			"control characters",
			hcl.Diagnostic{Summary: "S", Detail: "D", Subject: at("\x1b")},
			"a.hcl:6:1: S\n  6 | #******\n    |   ^\n  D\n\n",
		},
		{
			"end of the file",
			hcl.Diagnostic{Summary: "S", Detail: "D", Subject: &hcl.Range{Filename: "a.hcl", Start: end, End: end}},
			"a.hcl:7:1: S\n  7 | \n    | ^\n  D\n\n",
		},
		{
			"beyond the file",
			hcl.Diagnostic{Summary: "S", Detail: "D", Subject: &hcl.Range{Filename: "a.hcl", Start: beyond, End: beyond}},
			"a.hcl:9:1: S\n  D\n\n",
		},
		{"no source", hcl.Diagnostic{Summary: "S", Detail: "D", Subject: whole("b.hcl").Ptr()}, "b.hcl:1:1: S\n  D\n\n"},
		{"no place", hcl.Diagnostic{Summary: "S", Detail: "D"}, "S\n  D\n\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.d.Severity == hcl.DiagInvalid {
				test.d.Severity = hcl.DiagError
			}
			var b bytes.Buffer
			if err := WriteDiagnostics(&b, []Source{{Name: "a.hcl", Bytes: src}}, hcl.Diagnostics{&test.d}); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, b.String()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Diagnostics contain no control characters, whatever their source is.
func TestDiagnosticsArePrintable(t *testing.T) {
	const evil = "\x1b[2J\u009b\u202e"
	src := []byte("log {\n  level = " + evil + "\n}\n")
	d := &hcl.Diagnostic{Summary: evil, Detail: evil, Subject: &hcl.Range{
		Filename: evil, Start: hcl.Pos{Line: 2, Column: 3, Byte: 8}, End: hcl.Pos{Line: 2, Column: 8, Byte: 13},
	}}
	var b bytes.Buffer
	if err := WriteDiagnostics(&b, []Source{{Name: evil, Bytes: src}}, hcl.Diagnostics{d}); err != nil {
		t.Fatal(err)
	}
	for _, r := range b.String() {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%U stands in %q", r, b.String())
		}
	}
}

func TestBlot(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"plain argument", `level = "info"`, `level = "info"`},
		{"secret argument", `key = "abc"`, `key = "***"`},
		{"part of the name", `Client_Secret = "abc"`, `Client_Secret = "***"`},
		{"next line", "key = \"abc\"\nroot = \"abc\"", "key = \"***\"\nroot = \"abc\""},
		{"labels", `backend "key" "secret" {}`, `backend "key" "secret" {}`},
		{"key of a map", `options = { provider = "AWS", secret_access_key = "abc" }`, `options = { provider = "***", secret_access_key = "***" }`},
		{"quoted key of a map", `options = { "secret_access_key" : "abc", "a" : "b" }`, `options = { "secret_access_key" : "***", "a" : "*" }`},
		{"list", `key = ["abc", "d"]`, `key = ["***", "*"]`},
		{"map below", `key = { a = "b" }`, `key = { a = "*" }`},
		{"after the list", "key = [\"a\"]\nx = \"b\"", "key = [\"*\"]\nx = \"b\""},
		{"call that names", `key = env("NAME")`, `key = env("NAME")`},
		{"call in a call", `key = trimspace(file("name"))`, `key = trimspace(file("name"))`},
		{"call that takes it", `key = base64decode("abc")`, `key = base64decode("***")`},
		{"template", `key = "ab${env("N")}c"`, `key = "**${env("N")}*"`},
		{"escape", `key = "a\"b"`, `key = "****"`},
		{"unterminated", `key = "abc`, `key = "***`},
		{"heredoc", "key = <<E\nabc\nd\nE\nx = \"b\"", "key = <<E\n***\n*\nE\nx = \"b\""},
		{"unbalanced", `)]} key = "abc"`, `)]} key = "***"`},
		{"key without an equals sign", `key "abc"`, `key "***"`},
		{"name of a file", `key_file = "abc"`, `key_file = "abc"`},
		{"comment behind it", "a = \"b\" # abc\nx = \"b\"", "a = \"b\" #****\nx = \"b\""},
		{"telling parts", `pwd = "a" // abc`, `pwd = "*" /*****`},
		{"copy of a secret", "key = \"abcdef\"\nroot = \"x-abcdef\"", "key = \"******\"\nroot = \"********\""},
		{"copy of a comment", "root = \"abcdef\" #abcdef", "root = \"abcdef\" #******"},
		{"passive", `passive = "a"`, `passive = "a"`},
		{"block of a secret's name", "token {\n a = \"b\"\n}", "token {\n a = \"b\"\n}"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			src := []byte(test.src)
			everything := hcl.Range{Start: hcl.Pos{Byte: 0}, End: hcl.Pos{Byte: len(src)}}
			if got := string(redact(src, literalsOf(src), 0, len(src), everything, false)); got != test.want {
				t.Errorf("redact(%s) =\n%s, want\n%s", test.src, got, test.want)
			}
		})
	}
}
