package config

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
)

func TestClearer(t *testing.T) {
	at := func(file string, b int) hcl.Range {
		return hcl.Range{Filename: file, Start: hcl.Pos{Byte: b}}
	}
	missing := func(name string, at hcl.Range) *hcl.Diagnostic {
		return Problem(at, "Missing required argument", `The argument "`+name+`" is required, but no definition was found.`)
	}
	misspelt := Problem(at("a", 50), "Unsupported argument", `An argument named "acount" is not expected here. Did you mean "account"?`)
	other := Problem(at("a", 60), "Unsupported argument", `An argument named "xyz" is not expected here.`)
	for name, test := range map[string]struct {
		diags hcl.Diagnostics
		want  []string
	}{
		"misspelt":            {hcl.Diagnostics{missing("account", at("a", 10)), misspelt}, []string{misspelt.Detail}},
		"of the nearest one":  {hcl.Diagnostics{missing("account", at("a", 1)), missing("account", at("a", 10)), misspelt}, []string{missing("account", at("a", 1)).Detail, misspelt.Detail}},
		"in another file":     {hcl.Diagnostics{missing("account", at("b", 10)), misspelt}, []string{missing("account", at("b", 10)).Detail, misspelt.Detail}},
		"another argument":    {hcl.Diagnostics{missing("container", at("a", 10)), misspelt}, []string{missing("container", at("a", 10)).Detail, misspelt.Detail}},
		"in a later block":    {hcl.Diagnostics{misspelt, missing("account", at("a", 90))}, []string{misspelt.Detail, missing("account", at("a", 90)).Detail}},
		"like none":           {hcl.Diagnostics{missing("account", at("a", 10)), other}, []string{missing("account", at("a", 10)).Detail, other.Detail}},
		"list for text":       {hcl.Diagnostics{Problem(at("a", 1), "Unsuitable value type", "Unsuitable value: string required, but have tuple")}, []string{"This is a list. Write a text, in quotes."}},
		"text for true/false": {hcl.Diagnostics{Problem(at("a", 1), "Unsuitable value type", "Unsuitable value: a bool is required")}, []string{"Write true or false, without quotes."}},
		"text for number":     {hcl.Diagnostics{Problem(at("a", 1), "Unsuitable value type", "Unsuitable value: a number is required")}, []string{"Write a number."}},
	} {
		got := clearer(test.diags)
		if len(got) != len(test.want) {
			t.Errorf("%s: %v", name, got)
			continue
		}
		for i, want := range test.want {
			if got[i].Detail != want {
				t.Errorf("%s: %q, want %q", name, got[i].Detail, want)
			}
		}
	}
}
