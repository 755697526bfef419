package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// locals evaluates the blocks "locals" of all files, in the order in which they use each
// other, and makes their values the variable "local".
func (l *loader) locals(blocks hcl.Blocks) {
	e := evaluator{loader: l, byName: map[string]*local{}, values: map[string]cty.Value{}}
	for _, b := range blocks {
		attrs, diags := b.Body.JustAttributes()
		l.report(b.DefRange, diags)
		for _, a := range inSource(attrs) {
			if first, ok := e.byName[a.Name]; ok {
				l.problem(a.NameRange, "Duplicate local", fmt.Sprintf("local.%s is already defined at %s. Rename one of them.", a.Name, place(first.NameRange)))
				continue
			}
			e.byName[a.Name] = &local{Attribute: a}
			e.all = append(e.all, e.byName[a.Name])
		}
	}
	l.ec.Variables["local"] = cty.EmptyObjectVal
	for _, x := range e.all {
		e.evaluate(x)
	}
}

// inSource returns attributes of one block in the order in which they are written.
func inSource(attrs hcl.Attributes) []*hcl.Attribute {
	all := make([]*hcl.Attribute, 0, len(attrs))
	for _, a := range attrs {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b *hcl.Attribute) int {
		return cmp.Or(strings.Compare(a.NameRange.Filename, b.NameRange.Filename), a.NameRange.Start.Byte-b.NameRange.Start.Byte)
	})
	return all
}

// local is one value of a block "locals".
type local struct {
	*hcl.Attribute
	state localState
}

type localState int

const (
	localNew localState = iota
	localRunning
	localDone
)

// evaluator evaluates locals.
type evaluator struct {
	*loader
	all    []*local
	byName map[string]*local
	path   []string // the locals that are being evaluated
	values map[string]cty.Value
}

// evaluate evaluates a local after those that it uses. The value of a wrong one is unknown,
// so that what uses it is not reported too.
func (e *evaluator) evaluate(x *local) {
	x.state = localRunning
	e.path = append(e.path, x.Name)
	value := cty.DynamicVal
	if e.ready(x) {
		v, diags := x.Expr.Value(e.ec)
		e.report(x.Range, diags)
		// A part of the value may be unknown: the others can be used.
		if !slices.ContainsFunc(diags, func(d *hcl.Diagnostic) bool { return d.Severity == hcl.DiagError && !isConsequence(d) }) {
			value = v
		}
	}
	e.path = e.path[:len(e.path)-1]
	x.state = localDone
	e.values[x.Name] = value
	e.ec.Variables["local"] = cty.ObjectVal(e.values)
}

// ready evaluates the locals that x uses, and reports whether x can be evaluated: a local
// cannot use itself.
func (e *evaluator) ready(x *local) bool {
	for _, t := range x.Expr.Variables() {
		if t.RootName() != "local" {
			continue
		}
		used := attributeOf(t)
		if used == "" {
			e.problem(t.SourceRange(), "Reference to all locals", "Write local.NAME, with the name of one of them.")
			return false
		}
		other, ok := e.byName[used]
		switch {
		case !ok: // the evaluation reports it
		case other.state == localRunning:
			from := slices.Index(e.path, used)
			circle := strings.Join(append(slices.Clone(e.path[from:]), used), " uses local.")
			e.problem(t.SourceRange(), "Locals in a circle", fmt.Sprintf("local.%s. Give one of them a value of its own.", circle))
			return false
		case other.state == localNew:
			e.evaluate(other)
		}
	}
	return true
}

// adviseLocal adds a remedy to hcl's diagnostic about a reference to a local.
func (l *loader) adviseLocal(d *hcl.Diagnostic, t hcl.Traversal) {
	if d.Summary == "Unknown variable" {
		d.Detail = "The block node is read before the locals. Write the value there."
		return
	}
	name := attributeOf(t)
	var known []string
	for n := range l.ec.Variables["local"].Type().AttributeTypes() {
		if n == name {
			return // the diagnostic is about a part of the value
		}
		known = append(known, n)
	}
	d.Summary = "Unknown local"
	d.Detail = fmt.Sprintf("There is no local %q.", name)
	if near := Nearest(name, known); near != "" {
		d.Detail += fmt.Sprintf(" Did you mean local.%s?", near)
	} else if name != "" {
		d.Detail += fmt.Sprintf(" Write: locals { %s = … }", name)
	}
}
