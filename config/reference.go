package config

import (
	"reflect"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// reference is the value of an expression such as backend.azblob.ingest.
type reference struct{ Type, Name string }

var referenceType = cty.Capsule("backend", reflect.TypeFor[reference]())

// references returns the value of the variable "backend".
func references(backends map[string]*Backend) cty.Value {
	byType := map[string]map[string]cty.Value{}
	for _, b := range backends {
		if byType[b.Type] == nil {
			byType[b.Type] = map[string]cty.Value{}
		}
		byType[b.Type][b.Name] = cty.CapsuleVal(referenceType, &reference{b.Type, b.Name})
	}
	all := map[string]cty.Value{}
	for name, of := range byType {
		all[name] = cty.ObjectVal(of)
	}
	return cty.ObjectVal(all)
}

// reference returns the parts of a reference to a backend: "backend", the type and the
// name. A plain reference need not lead to a backend that exists. It returns false for
// something else.
func (l *loader) reference(expr hcl.Expression) ([]string, bool) {
	if traversal, diags := hcl.AbsTraversalForExpr(expr); !diags.HasErrors() && traversal.RootName() == "backend" {
		return partsOf(traversal)
	}
	value, diags := expr.Value(l.ec)
	if diags.HasErrors() {
		l.report(expr.Range(), diags)
		return nil, false
	}
	if value.IsNull() || !value.IsKnown() || value.Type() != referenceType {
		return nil, false
	}
	r := value.EncapsulatedValue().(*reference)
	return []string{"backend", r.Type, r.Name}, true
}

func partsOf(traversal hcl.Traversal) ([]string, bool) {
	var parts []string
	for _, step := range traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			parts = append(parts, step.Name)
		case hcl.TraverseAttr:
			parts = append(parts, step.Name)
		case hcl.TraverseIndex:
			if step.Key.Type() == cty.String {
				parts = append(parts, step.Key.AsString())
			}
		}
	}
	return parts, len(parts) == 3 && len(traversal) == 3
}

func referrable(known []string) string {
	if len(known) == 0 {
		return " No backend is defined."
	}
	return " Defined: " + strings.Join(known, ", ") + "."
}
