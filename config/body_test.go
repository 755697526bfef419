package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// device is a block that no code here knows.
type device struct {
	Name   string         `hcl:"name"`
	Tags   hcl.Expression `hcl:"tags,optional"`
	Limits *deviceLimits  `hcl:"limits,block"`
	Rules  []deviceRule   `hcl:"rule,block"`
	Steps  []deviceStep   `hcl:"step,block"`
}

type deviceLimits struct {
	Rate  int `hcl:"rate,optional"`
	Count int `hcl:"count,optional"`
}

type deviceRule struct {
	Path string `hcl:"path,label"`
	Do   string `hcl:"do,optional"`
	Why  string `hcl:"why,optional"`
}

type deviceStep struct {
	Do string `hcl:"do"`
}

// A body inherits arguments and blocks of any struct: the nearest definition counts, blocks
// with the same labels are one block, and others are added.
func TestBodyInherits(t *testing.T) {
	for _, test := range []struct {
		name   string
		layers []string // the nearest first
		want   device
		wrong  string // the summaries of problems
	}{
		{"nothing to inherit", []string{`name = "a"`}, device{Name: "a"}, ""},
		{"a required argument", []string{``, ``, `name = "c"`}, device{Name: "c"}, ""},
		{"the nearest", []string{``, `name = "b"`, `name = "c"`}, device{Name: "b"}, ""},
		{
			"arguments of a block",
			[]string{`name = "a"`, `limits { rate = 1 }`, "limits {\n rate = 2\n count = 3\n}"},
			device{Name: "a", Limits: &deviceLimits{Rate: 1, Count: 3}},
			"",
		},
		{
			"blocks with labels",
			[]string{"name = \"a\"\nrule \"/x\" { do = \"1\" }", "rule \"/y\" { do = \"2\" }\nrule \"/x\" { why = \"3\" }", `rule "/y" { why = "4" }`},
			device{Name: "a", Rules: []deviceRule{{"/x", "1", "3"}, {"/y", "2", "4"}}},
			"",
		},
		{
			"several blocks without labels replace",
			[]string{`name = "a"`, "step { do = \"1\" }\nstep { do = \"2\" }", `step { do = "3" }`},
			device{Name: "a", Steps: []deviceStep{{"1"}, {"2"}}},
			"",
		},
		{
			"several blocks do not add to one",
			[]string{"name = \"a\"\nstep { do = \"0\" }", "step { do = \"1\" }\nstep { do = \"2\" }"},
			device{Name: "a", Steps: []deviceStep{{"0"}}},
			"",
		},
		{
			"dynamic blocks",
			[]string{`name = "a"`, "dynamic \"rule\" {\n for_each = [\"x\", \"y\"]\n labels = [rule.value]\n content { do = \"${rule.key}${rule.value}\" }\n}", `rule "y" { why = "z" }`},
			device{Name: "a", Rules: []deviceRule{{"x", "0x", ""}, {"y", "1y", "z"}}},
			"",
		},
		{
			"iterators reach into inner blocks",
			[]string{"name = \"a\"\ndynamic \"limits\" {\n for_each = [7]\n iterator = it\n content { rate = it.value }\n}"},
			device{Name: "a", Limits: &deviceLimits{Rate: 7}},
			"",
		},
		{"missing", []string{``, ``}, device{}, "Missing required argument"},
		{"an unknown name in the block", []string{"name = \"a\"\nx = 1"}, device{Name: "a"}, "Unsupported argument"},
		{"an unknown name in the defaults is reported there", []string{`name = "a"`, `x = 1`}, device{Name: "a"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b body
			for _, text := range test.layers {
				file, diags := hclsyntax.ParseConfig([]byte(text), "x.hcl", hcl.InitialPos)
				if diags.HasErrors() {
					t.Fatal(diags)
				}
				b.layers = append(b.layers, layer{{syntax: file.Body.(*hclsyntax.Body), ctx: &hcl.EvalContext{}}})
			}
			var got device
			diags := gohcl.DecodeBody(&b, nil, &got)
			var wrong []string
			for _, d := range diags {
				wrong = append(wrong, d.Summary)
			}
			got.Tags = nil
			if d := cmp.Diff(test.want, got); d != "" || strings.Join(wrong, ", ") != test.wrong {
				t.Errorf("(-want +got):\n%s\nproblems %q, want %q", d, wrong, test.wrong)
			}
		})
	}
}

// The rest that PartialContent returns has what the first schema did not ask for, inherited
// or not.
func TestBodyInParts(t *testing.T) {
	var b body
	for _, text := range []string{"a = 1\nrule \"x\" {}", "b = 2\nlimits { rate = 1 }\nrule \"y\" {}"} {
		file, _ := hclsyntax.ParseConfig([]byte(text), "x.hcl", hcl.InitialPos)
		b.layers = append(b.layers, layer{{syntax: file.Body.(*hclsyntax.Body), ctx: &hcl.EvalContext{}}})
	}
	var got struct {
		A    int          `hcl:"a"`
		Rule []deviceRule `hcl:"rule,block"`
		Rest hcl.Body     `hcl:",remain"`
	}
	if diags := gohcl.DecodeBody(&b, nil, &got); diags.HasErrors() || got.A != 1 || len(got.Rule) != 2 {
		t.Fatalf("%+v, %v", got, diags)
	}
	var rest struct {
		B      int           `hcl:"b"`
		Limits *deviceLimits `hcl:"limits,block"`
	}
	if diags := gohcl.DecodeBody(got.Rest, nil, &rest); diags.HasErrors() || rest.B != 2 || rest.Limits == nil {
		t.Fatalf("%+v, %v", rest, diags)
	}
	attrs, diags := got.Rest.JustAttributes()
	if !diags.HasErrors() || len(attrs) != 2 {
		t.Errorf("%d arguments, %v, want both, and a problem because of the blocks", len(attrs), diags)
	}
}
