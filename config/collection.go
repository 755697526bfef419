package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// item is one element of a list or a map, with its place: that of the element in a literal
// collection, that of the whole expression in a computed one.
type item struct {
	key, value string
	at         hcl.Range
}

// list reads an optional list of texts. ok is false when the list is missing or wrong as a
// whole; wrong elements are reported and left out.
func (l *loader) list(expr hcl.Expression) (items []item, ok bool) {
	const advice = `Write a list of texts: ["…", "…"].`
	// The elements of a literal list have places of their own.
	if elements, diags := hcl.ExprList(expr); !diags.HasErrors() && len(elements) > 0 {
		value, diags := expr.Value(l.ec)
		l.report(expr.Range(), diags)
		if !value.IsKnown() || value.LengthInt() != len(elements) {
			return nil, false
		}
		for i, v := range value.AsValueSlice() {
			at := elements[i].Range()
			if !v.IsKnown() {
				continue // the reason has been reported
			}
			if v, ok := l.converted(v, at, cty.String, `Write a text: "…".`); ok {
				items = append(items, item{value: v.AsString(), at: at})
			}
		}
		return items, len(items) > 0
	}
	value, ok := l.evaluate(expr, cty.List(cty.String), advice)
	if !ok || value == cty.NilVal {
		return nil, false
	}
	for _, v := range value.AsValueSlice() {
		items = append(items, item{value: v.AsString(), at: expr.Range()})
	}
	return items, true
}

// pairs reads a map of texts. A literal map keeps the order of the source.
func (l *loader) pairs(expr hcl.Expression) []item {
	value, ok := l.evaluate(expr, cty.Map(cty.String), `Write a map of texts: { name = "…" }.`)
	if !ok || value == cty.NilVal {
		return nil
	}
	places := map[string]hcl.Range{}
	pairs, _ := hcl.ExprMap(expr) // an error means that the map is computed
	for _, p := range pairs {
		if key, diags := p.Key.Value(l.ec); !diags.HasErrors() && key.Type() == cty.String && key.IsKnown() && !key.IsNull() {
			places[key.AsString()] = hcl.RangeBetween(p.Key.Range(), p.Value.Range())
		}
	}
	var items []item
	for key, v := range value.Elements() {
		at, ok := places[key.AsString()]
		if !ok {
			at = expr.Range()
		}
		items = append(items, item{key: key.AsString(), value: v.AsString(), at: at})
	}
	slices.SortStableFunc(items, func(a, b item) int { return a.at.Start.Byte - b.at.Start.Byte })
	return items
}

// evaluate returns the value of an expression as a text or a collection of texts:
// cty.NilVal for a missing one, false for a wrong one.
func (l *loader) evaluate(expr hcl.Expression, want cty.Type, advice string) (cty.Value, bool) {
	value, diags := expr.Value(l.ec)
	l.report(expr.Range(), diags)
	if diags.HasErrors() {
		return cty.NilVal, false
	}
	if value.IsNull() && !want.IsPrimitiveType() {
		return cty.NilVal, true
	}
	return l.converted(value, expr.Range(), want, advice)
}

// converted returns a value as a text or a collection of texts.
func (l *loader) converted(value cty.Value, at hcl.Range, want cty.Type, advice string) (cty.Value, bool) {
	value, err := convert.Convert(value, want)
	if err != nil || !value.IsWhollyKnown() || hasNull(value) {
		l.problem(at, "Unsuitable value", advice)
		return cty.NilVal, false
	}
	return value, true
}

// hasNull reports whether a value, or an element of a collection, is null.
func hasNull(value cty.Value) bool {
	if value.IsNull() {
		return true
	}
	if value.Type().IsPrimitiveType() {
		return false
	}
	for _, v := range value.Elements() {
		if v.IsNull() {
			return true
		}
	}
	return false
}
