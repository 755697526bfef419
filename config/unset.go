package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// unset has the values that depend on variables of the environment that are not set. Such a
// value is replaced: an argument of a block by a text, so that the argument is not missing,
// and a local by an unknown value. Problems with it are not reported.
type unset struct {
	// env returns a variable of the environment.
	env func(name string) (string, error)
	// values are the places of the values.
	values []hcl.Range
	// owners are the bodies of the blocks that have such values as arguments.
	owners map[*hclsyntax.Body]bool
	// variables are the variables that such arguments define, as "node.index".
	variables map[string]bool
	// roots are the bodies of the sources.
	roots []*hclsyntax.Body
}

// leaveOut finds the missing variables of the environment, warns of each, and replaces the
// values that depend on them.
func leaveOut(files layer, env func(name string) (string, error)) (*unset, hcl.Diagnostics) {
	u := &unset{env: env, owners: map[*hclsyntax.Body]bool{}, variables: map[string]bool{}}
	var diags hcl.Diagnostics
	for _, file := range files {
		u.roots = append(u.roots, file.syntax)
		diags = append(diags, u.warn(file.syntax)...)
	}
	// An argument can depend on the variable that a later one defines.
	for found := -1; found < len(u.values)+len(u.variables); {
		found = len(u.values) + len(u.variables)
		for _, body := range u.roots {
			u.replace("", body)
		}
	}
	return u, diags
}

// warn warns of each call that reads a missing variable.
func (u *unset) warn(body *hclsyntax.Body) hcl.Diagnostics {
	return hclsyntax.VisitAll(body, func(n hclsyntax.Node) hcl.Diagnostics {
		expr, ok := n.(hclsyntax.Expression)
		if !ok {
			return nil
		}
		name, missing := u.missing(expr)
		if !missing {
			return nil
		}
		return hcl.Diagnostics{Warning(n.Range(), "Environment variable is not set",
			fmt.Sprintf("%s is not set here, so values that depend on it were not checked. tidegate serve needs it.", name))}
	})
}

// missing reports whether an expression is a call of env for a variable that is not
// set, and the variable's name in quotes. A name that depends on other values is unknown,
// and counts as that of a missing variable.
func (u *unset) missing(expr hclsyntax.Expression) (name string, missing bool) {
	call, ok := expr.(*hclsyntax.FunctionCallExpr)
	if !ok || call.Name != "env" || len(call.Args) != 1 {
		return "", false
	}
	value, diags := call.Args[0].Value(nil)
	if diags.HasErrors() || value.Type() != cty.String || !value.IsKnown() || value.IsNull() {
		return "A variable whose name depends on other values", len(call.Args[0].Variables()) > 0
	}
	_, err := u.env(value.AsString())
	return fmt.Sprintf("%q", value.AsString()), err != nil
}

// replace replaces the values of a body and of its blocks that depend on missing
// variables. block is the type of the block, which is the name of the variable that its
// arguments define.
func (u *unset) replace(block string, body *hclsyntax.Body) {
	for _, a := range body.Attributes {
		with := placeholderAt
		if block == "locals" || block == "dynamic" {
			with = unknownAt
		}
		if !u.replaceIn(&a.Expr, with) && !u.usesLocal(a.Expr) {
			continue
		}
		u.owners[body] = true
		switch block {
		case "node":
			u.variables["node."+a.Name] = true
		case "locals":
			u.variables["local."+a.Name] = true
		}
	}
	for _, b := range body.Blocks {
		u.replace(b.Type, b.Body)
	}
}

// replaceIn replaces an expression, or the elements of a literal map, and reports whether
// it has.
func (u *unset) replaceIn(expr *hclsyntax.Expression, with func(at hcl.Range) hclsyntax.Expression) bool {
	if object, ok := (*expr).(*hclsyntax.ObjectConsExpr); ok {
		replaced := false
		for i := range object.Items {
			item := &object.Items[i]
			if u.replaceIn(&item.ValueExpr, with) {
				// A problem with an element may be reported at its key.
				u.values = append(u.values, item.KeyExpr.Range())
				replaced = true
			}
		}
		return replaced
	}
	if !u.depends(*expr) {
		return false
	}
	u.values = append(u.values, (*expr).Range())
	*expr = with((*expr).Range())
	return true
}

// placeholder is the text in place of an argument.
const placeholder = "(unset)"

func placeholderAt(at hcl.Range) hclsyntax.Expression {
	return &hclsyntax.LiteralValueExpr{Val: cty.StringVal(placeholder), SrcRange: at}
}

func unknownAt(at hcl.Range) hclsyntax.Expression {
	return &hclsyntax.LiteralValueExpr{Val: cty.DynamicVal, SrcRange: at}
}

// depends reports whether an expression reads a missing variable of the environment, or an
// argument of the block node that depends on one.
func (u *unset) depends(expr hclsyntax.Expression) bool {
	found := false
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		if e, ok := n.(hclsyntax.Expression); ok {
			_, missing := u.missing(e)
			found = found || missing
		}
		return nil
	})
	return found || u.uses(expr, "node")
}

// usesLocal reports whether an expression uses a local that depends on a missing variable.
// Its value is unknown then, which the evaluation handles.
func (u *unset) usesLocal(expr hclsyntax.Expression) bool { return u.uses(expr, "local") }

func (u *unset) uses(expr hclsyntax.Expression, root string) bool {
	return slices.ContainsFunc(expr.Variables(), func(t hcl.Traversal) bool {
		return t.RootName() == root && u.variables[root+"."+attributeOf(t)]
	})
}

// covers reports whether a diagnostic is about a value that depends on a missing variable,
// or about a block that may be wrong only because of one.
func (u *unset) covers(d *hcl.Diagnostic) bool {
	if u == nil || len(u.values) == 0 || d.Severity != hcl.DiagError {
		return false
	}
	for _, v := range u.values {
		if contains(v, *d.Subject) {
			return true
		}
	}
	if isUnsupported(d) || missingName(d) != "" {
		return false
	}
	for _, root := range u.roots {
		if root.SrcRange.Filename == d.Subject.Filename && u.aboutBlock(root, *d.Subject, u.owners[root]) {
			return true
		}
	}
	return false
}

// contains reports whether a place begins within an expression.
func contains(expr, at hcl.Range) bool {
	return expr.Filename == at.Filename && expr.Start.Byte <= at.Start.Byte && at.Start.Byte <= max(expr.Start.Byte, expr.End.Byte-1)
}

// aboutBlock reports whether a place is a block as a whole, and not an argument or a label of
// it, and the block or one around it owns a value that depends on a missing variable. owned says
// that body, or a block around it, owns such a value.
func (u *unset) aboutBlock(body *hclsyntax.Body, at hcl.Range, owned bool) bool {
	for _, a := range body.Attributes {
		if contains(a.SrcRange, at) {
			return false
		}
	}
	for _, b := range body.Blocks {
		inner := owned || u.owners[b.Body]
		if at.Start.Byte == b.TypeRange.Start.Byte {
			return inner
		}
		for _, label := range b.LabelRanges {
			if contains(label, at) {
				return false
			}
		}
		if contains(b.Body.SrcRange, at) {
			return u.aboutBlock(b.Body, at, inner)
		}
	}
	return owned
}
