package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

func TestOrdinal(t *testing.T) {
	tests := []struct {
		name string
		want int64 // -1 is an error
	}{
		{"ftp-0", 0},
		{"ftp-2", 2},
		{"ftp-17", 17},
		{"node7", 7},
		{"web-007", 7},
		{"12", 12},
		{"ftp", -1},
		{"", -1},
		{"ftp-", -1},
		{"ftp-2a", -1},
		{"ftp-2.example.com", -1},
		// Scale set instances: base 36, six digits.
		{"ftp00000A", -1},
		{"ftp000010", -1},
		{"ftp0000A1", -1},
		{"ftp0000a1", -1},
		{"aks-pool-1234-vmss000002", -1},
	}
	for _, test := range tests {
		got, err := ordinal(test.name)
		if test.want < 0 {
			if err == nil {
				t.Errorf("ordinal(%q) = %d, want an error", test.name, got)
			} else if !strings.Contains(err.Error(), `env("NODE_INDEX")`) {
				t.Errorf("ordinal(%q): %v, want the advice to take env(\"NODE_INDEX\")", test.name, err)
			}
			continue
		}
		if err != nil || got != test.want {
			t.Errorf("ordinal(%q) = %d, %v, want %d", test.name, got, err, test.want)
		}
	}
}

func TestFunctions(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("text", " line\n")
	write("latin1", "stra\xdfe")
	write("large", strings.Repeat("x", maxFileBytes+1))
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TIDEGATE_TEST_SET", "value")
	t.Setenv("TIDEGATE_TEST_EMPTY", "")
	t.Setenv("TIDEGATE_TEST_LATIN1", "stra\xdfe")
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ expr, want, wantErr string }{
		{`env("TIDEGATE_TEST_SET")`, "value", ""},
		{`env("TIDEGATE_TEST_EMPTY")`, "", ""},
		{`env("TIDEGATE_TEST_UNSET")`, "", `the environment variable "TIDEGATE_TEST_UNSET" is not set`},
		{`env("TIDEGATE_TEST_LATIN1")`, "", "not UTF-8"},
		{`file("text")`, " line\n", ""},
		{`trimspace(file("text"))`, "line", ""},
		{`file("` + filepath.ToSlash(filepath.Join(dir, "text")) + `")`, " line\n", ""},
		{`file("none")`, "", "no such file"},
		{`file("folder")`, "", "not a regular file"},
		{`file("latin1")`, "", "not UTF-8"},
		{`file("large")`, "", "larger than"},
		{`hostname()`, host, ""},
		{`ordinal("ftp-3") + 1`, "4", ""},
		{`ordinal("none")`, "", "decimal number"},
		{`base64decode("dmFsdWU=")`, "value", ""},
		{`base64decode("dmFsdWU")`, "", "not base64"},
		{`base64decode("/w==")`, "", "not UTF-8"},
		{`upper(lower("Ab"))`, "AB", ""},
		{`replace("a-b", "-", "_")`, "a_b", ""},
		{`trimprefix(trimsuffix("xay", "y"), "x")`, "a", ""},
		{`substr("abc", 1, 1)`, "b", ""},
		{`join(",", split(" ", "a b"))`, "a,b", ""},
		{`format("%03d", 7)`, "007", ""},
		{`floor(max(1, min(2.5, 3)))`, "2", ""},
	}
	for _, test := range tests {
		t.Run(test.expr, func(t *testing.T) {
			expr, diags := hclsyntax.ParseExpression([]byte(test.expr), "x.hcl", hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			got, diags := expr.Value(evalContext(dir, newSecrets(), (&Options{}).env))
			if test.wantErr != "" {
				if !diags.HasErrors() || !strings.Contains(diags.Error(), test.wantErr) || diags[0].Subject == nil {
					t.Errorf("got %v, %v, want an error with a place and %q", got, diags, test.wantErr)
				}
				return
			}
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			text, err := convert.Convert(got, cty.String)
			if err != nil || text.AsString() != test.want {
				t.Errorf("got %v, want %q", got, test.want)
			}
		})
	}
}
