package config

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// Effective returns the configuration that is in effect, in HCL: it has the values of dynamic
// blocks and locals in their place, and each block has what it inherits, with a comment that
// says from where. Secrets are masked, unless a function such as env returns them: then the call
// is shown. If nothing is masked, the result loads to the same Config.
//
// The sources must load without an error, with the same registry and options.
func Effective(sources []Source, registry Registry, o Options) []byte {
	return effective(sources, registry, o, mask)
}

// effective is Effective with a function that masks secrets.
func effective(sources []Source, registry Registry, o Options, mask func(cty.Value) cty.Value) []byte {
	l := load(sources, registry, o)
	p := printer{loader: l, mask: mask, sources: map[string][]byte{}}
	for _, s := range sources {
		p.sources[s.Name] = s.Bytes
	}
	content := p.content(l.root, "locals", "defaults")
	tenants := l.merged(content.Blocks.OfType("tenant"))
	for _, b := range content.Blocks {
		if b.Type == "tenant" {
			if !slices.Contains(tenants, b) {
				continue // it is a part of another one
			}
			b.Body = l.complete(b)
		}
		p.block(b, false)
		p.out.WriteString("\n")
	}
	return append(bytes.TrimRight(hclwrite.Format(p.out.Bytes()), "\n"), '\n')
}

// mask replaces a text.
func mask(cty.Value) cty.Value { return cty.StringVal(redacted) }

// printer prints the blocks of a configuration that has been loaded.
type printer struct {
	*loader
	sources map[string][]byte
	mask    func(cty.Value) cty.Value
	out     bytes.Buffer
}

// content returns everything in a body, except blocks of some types.
func (p *printer) content(b *body, except ...string) *hcl.BodyContent {
	attributes, blocks := map[string]bool{}, map[string]int{}
	for _, s := range syntaxOf(b) {
		for name := range s.Attributes {
			attributes[name] = true
		}
		for _, block := range s.Blocks {
			if block.Type != "dynamic" {
				blocks[block.Type] = len(block.Labels)
			} else if labels, ok := block.Body.Attributes["labels"]; ok {
				elements, _ := hcl.ExprList(labels.Expr) // loading has checked it
				blocks[block.Labels[0]] = len(elements)
			} else {
				blocks[block.Labels[0]] = 0
			}
		}
	}
	for _, name := range except {
		delete(blocks, name)
	}
	schema := &hcl.BodySchema{}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: name, LabelNames: make([]string, blocks[name])})
	}
	content, _, _ := b.PartialContent(schema)
	return content
}

// block prints a block. foreign is true when it is inherited as a whole.
func (p *printer) block(block *hcl.Block, foreign bool) {
	b := block.Body.(*body)
	if foreign {
		fmt.Fprintf(&p.out, "# inherited from %s\n", p.origin(block.DefRange))
	}
	p.out.WriteString(block.Type)
	for _, label := range block.Labels {
		if p.secrets.holds(cty.StringVal(label)) {
			label = p.mask(cty.StringVal(label)).AsString()
		}
		p.out.WriteString(" " + Quote(label))
	}
	p.out.WriteString(" {\n")
	p.body(b)
	p.out.WriteString("}\n")
}

// body prints what is in a block.
func (p *printer) body(b *body) {
	content := p.content(b, "defaults")
	for _, own := range []bool{true, false} {
		for _, a := range inSource(content.Attributes) {
			switch {
			case b.has(a.NameRange) != own:
			case own:
				fmt.Fprintf(&p.out, "%s = %s\n", a.Name, p.value(a))
			default:
				fmt.Fprintf(&p.out, "%s = %s # inherited from %s\n", a.Name, p.value(a), p.origin(a.NameRange))
			}
		}
	}
	if _, listed := content.Attributes["users_file"]; listed {
		p.listedUsers(b)
	}
	for _, block := range content.Blocks {
		p.block(block, !b.has(block.Body.(*body).MissingItemRange()))
	}
}

func (p *printer) origin(at hcl.Range) string {
	name, _, _ := strings.Cut(place(at), "\n")
	return printable([]byte(name))
}

// value returns the value of an argument as an expression.
func (p *printer) value(a *hcl.Attribute) string {
	value, diags := a.Expr.Value(p.ec)
	switch {
	case diags.HasErrors() || !value.IsWhollyKnown():
		return p.source(a.Expr)
	case !value.IsNull() && value.Type() == referenceType:
		r := value.EncapsulatedValue().(*reference)
		return "backend." + r.Type + "." + r.Name
	case p.secrets.holds(value) && p.plain(a.Expr):
		return p.source(a.Expr)
	}
	masked, err := cty.Transform(value, func(path cty.Path, v cty.Value) (cty.Value, error) {
		if v.Type() == cty.String && !v.IsNull() && (isSecret(a.Name) || secretIn(path) || secretURL(v.AsString()) || p.secrets.holds(v)) {
			return p.mask(v), nil
		}
		return v, nil
	})
	if err != nil {
		masked = p.mask(cty.StringVal(""))
	}
	return string(hclwrite.TokensForValue(masked).Bytes())
}

// secretIn reports whether a path into a value has a key that looks like the name of a
// secret.
func secretIn(path cty.Path) bool {
	return slices.ContainsFunc(path, func(step cty.PathStep) bool {
		switch step := step.(type) {
		case cty.GetAttrStep:
			return isSecret(step.Name)
		case cty.IndexStep:
			return step.Key.Type() == cty.String && isSecret(step.Key.AsString())
		}
		return false
	})
}

// isSecret reports whether the values of an argument are masked. Public keys are not.
func isSecret(name string) bool {
	switch name {
	case "authorized_keys", "trusted_user_ca_keys", "revoked_keys":
		return false
	}
	return secretName(name)
}

// plain reports whether an expression depends on nothing and has no literal that may be a
// secret: such an expression can be shown in place of its value.
func (p *printer) plain(expr hcl.Expression) bool {
	at := expr.Range()
	return len(expr.Variables()) == 0 && !slices.ContainsFunc(literalsOf(p.sources[at.Filename]), func(l literal) bool {
		return l.secret && l.start < at.End.Byte && l.end > at.Start.Byte
	})
}

// source returns the text of an expression on one line.
func (p *printer) source(expr hcl.Expression) string {
	at := expr.Range()
	src := p.sources[at.Filename]
	if at.End.Byte > len(src) || bytes.ContainsAny(src[at.Start.Byte:at.End.Byte], "\n#") {
		return Quote(redacted)
	}
	return string(src[at.Start.Byte:at.End.Byte])
}

// The names of a user are replaced by these while the defaults of listed users are
// evaluated.
const (
	anyUserName  = "\ufffcname\ufffc"
	anyUserLogin = "\ufffclogin\ufffc"
)

// listedUsers prints the defaults for the users of a tenant's users file, who have no
// block that could show what they inherit.
func (p *printer) listedUsers(tenant *body) {
	user := &body{layers: []layer{{{syntax: &hclsyntax.Body{}, ctx: p.ec}}}, owners: tenant.owners}
	tenant.child(&hcl.Block{Type: "user", Labels: []string{""}, LabelRanges: []hcl.Range{{}}}, user)
	if len(user.layers) == 1 {
		return
	}
	user.owners = user.owners.with("user", hcl.Range{}, map[string]string{"name": anyUserName, "login": anyUserLogin})
	inner := printer{loader: p.loader, sources: p.sources, mask: p.mask}
	inner.body(user)
	text := strings.NewReplacer(anyUserName, "${user.name}", anyUserLogin, "${user.login}").Replace(inner.out.String())
	fmt.Fprintf(&p.out, "# for the users of the file\ndefaults {\nuser {\n%s}\n}\n", text)
}
