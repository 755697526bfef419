package config

import (
	"fmt"
	"maps"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/text/unicode/norm"

	"github.com/tidegate/tidegate/vfs"
)

// owners are the tenant and the user that a block belongs to, by the variables with their
// names: "tenant" and "user".
type owners map[string]owner

// owner has the attributes of such a variable, and the place of the label that they come
// from.
type owner struct {
	names map[string]string
	at    hcl.Range
}

// anyOwner stands for all tenants and users.
var anyOwner = owners{"tenant": {names: map[string]string{"name": "tenant"}}, "user": {names: map[string]string{"name": "user", "login": "user@tenant"}}}

// with returns the owners and one more.
func (o owners) with(variable string, at hcl.Range, names map[string]string) owners {
	more := maps.Clone(o)
	if more == nil {
		more = owners{}
	}
	more[variable] = owner{names, at}
	return more
}

// scope returns a context with the names of the owners. An iterator of a dynamic block with
// the same name keeps its attributes: tenant.value stands beside tenant.name.
func (o owners) scope(ctx *hcl.EvalContext) *hcl.EvalContext {
	if len(o) == 0 {
		return ctx
	}
	child := ctx.NewChild()
	child.Variables = make(map[string]cty.Value, len(o))
	for variable, owner := range o {
		attributes := map[string]cty.Value{}
		if outer := lookUp(ctx, variable); outer.Type().IsObjectType() {
			maps.Copy(attributes, outer.AsValueMap())
		}
		for attribute, text := range owner.names {
			attributes[attribute] = cty.StringVal(text)
		}
		child.Variables[variable] = cty.ObjectVal(attributes)
	}
	return child
}

// lookUp returns the value of a variable, or a null value.
func lookUp(ctx *hcl.EvalContext, variable string) cty.Value {
	for ; ctx != nil; ctx = ctx.Parent() {
		if v, ok := ctx.Variables[variable]; ok {
			return v
		}
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// scoped is an expression that is always evaluated with the variables of its own place.
type scoped struct {
	hcl.Expression
	ctx    *hcl.EvalContext
	owners owners
}

// UnwrapExpression lets hcl see what kind of expression it is.
func (s scoped) UnwrapExpression() hcl.Expression { return s.Expression }

// Value implements hcl.Expression.
func (s scoped) Value(*hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	value, diags := s.Expression.Value(s.ctx)
	if diags.HasErrors() {
		return value, diags
	}
	if wrong := s.wrongName(); wrong != nil {
		return cty.DynamicVal, append(diags, wrong, consequence(s.Range()))
	}
	if !value.IsWhollyKnown() {
		diags = append(diags, consequence(s.Range()))
	}
	return value, diags
}

// wrongName reports a name in the expression that is no path segment. Names are used in
// paths, where one such as ".." would lead to the files of others.
func (s scoped) wrongName() *hcl.Diagnostic {
	for _, t := range s.Variables() {
		o := s.owners[t.RootName()]
		for attribute, text := range o.names {
			if used := attributeOf(t); used != "" && used != attribute {
				continue
			}
			if reason := notSegment(text); reason != "" {
				return Problem(o.at, "Name cannot be part of a path",
					fmt.Sprintf("%s.%s is used at %s, and this name %s. Choose another name, or write the path of this %s itself.",
						t.RootName(), attribute, place(t.SourceRange()), reason, t.RootName()))
			}
		}
	}
	return nil
}

// attributeOf returns the attribute of an object that a reference names, or "".
func attributeOf(t hcl.Traversal) string {
	if len(t) < 2 {
		return ""
	}
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		return step.Name
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() {
			return step.Key.AsString()
		}
	}
	return ""
}

// slashes are characters that look like "/" or "\" and that Unicode's compatibility forms
// do not map to these.
const slashes = "\u2044\u2215\u2216\u2571\u2572\u27cb\u27cd\u29f5\u29f8\u29f9"

// notSegment returns why a text cannot be one element of a path, or "". It also refuses a text
// that looks like an invalid one, because some stores and clients treat both as the same.
func notSegment(text string) string {
	shown := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
	switch shown {
	case "":
		return "is empty"
	case ".", "..":
		return `is, or looks like, "." or ".."`
	}
	if strings.ContainsAny(text, slashes) || strings.ContainsAny(shown, `/\`) {
		return `has a character that is, or looks like, "/" or "\"`
	}
	if _, err := (vfs.Path{}).Child(text); err != nil {
		return fmt.Sprintf("cannot be a name of a file: %s", vfs.ReasonOf(err))
	}
	return ""
}

// follower marks a diagnostic that only follows from a problem elsewhere, which has been
// reported there. It is not shown.
type follower struct{}

// consequence returns a diagnostic that is not shown. It also hides all other problems at its
// place.
func consequence(at hcl.Range) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unknown value", Detail: "It depends on a wrong one.", Subject: &at, Extra: follower{}}
}

func isConsequence(d *hcl.Diagnostic) bool {
	_, ok := d.Extra.(follower)
	return ok
}

// adviseName adds a remedy to hcl's diagnostic about a name that is not known at its place.
func adviseName(d *hcl.Diagnostic, t hcl.Traversal) {
	switch {
	case d.Summary == "Unknown variable" && t.RootName() == "user":
		d.Detail = `There are user.name and user.login in the blocks user alone. A mount belongs to all users of its tenant: write home or root, with "/${user.name}", in the block user.`
	case d.Summary == "Unknown variable":
		d.Detail = "There is tenant.name in the blocks tenant and in what they contain, and nowhere else."
	case t.RootName() == "user":
		d.Detail = "There are user.name and user.login."
	default:
		d.Detail = "There is tenant.name."
	}
}
