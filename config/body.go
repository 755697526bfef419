package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// body is the body of a block as the decoders see it: with the blocks that "dynamic" makes,
// with the arguments and blocks that come from defaults, and with expressions that know the
// variables of their place. Decoders use it as any other hcl.Body, so an argument that is
// added to a struct is inherited without further code.
//
// The nearest definition of an argument counts; values are never merged. A block inherits
// from the one with the same type and the same labels. Blocks with other labels are added.
type body struct {
	// layers are the definitions, the nearest first: the block itself, then defaults.
	layers []layer
	// owners are the tenant and the user that the block belongs to.
	owners owners
	// child, if set, completes every block in this one before it is decoded.
	child func(block *hcl.Block, inner *body)
	// taken is what PartialContent has returned already.
	taken hcl.BodySchema
	// incomplete is true after a dynamic block was left out because of a problem elsewhere.
	incomplete bool
}

// layer is one definition of a block. Usually it has one part. The top level has a part for
// each file, and so has a tenant that is written in several files.
type layer []part

// Content implements hcl.Body.
func (b *body) Content(schema *hcl.BodySchema) (*hcl.BodyContent, hcl.Diagnostics) {
	return b.content(schema, false)
}

// PartialContent implements hcl.Body.
func (b *body) PartialContent(schema *hcl.BodySchema) (*hcl.BodyContent, hcl.Body, hcl.Diagnostics) {
	content, diags := b.content(schema, true)
	rest := *b
	rest.taken = hcl.BodySchema{
		Attributes: slices.Concat(b.taken.Attributes, schema.Attributes),
		Blocks:     slices.Concat(b.taken.Blocks, schema.Blocks),
	}
	return content, &rest, diags
}

// JustAttributes implements hcl.Body.
func (b *body) JustAttributes() (hcl.Attributes, hcl.Diagnostics) {
	all := hcl.Attributes{}
	var diags hcl.Diagnostics
	for _, l := range b.layers {
		own := hcl.Attributes{}
		for _, p := range l {
			attrs, more := p.syntax.JustAttributes()
			diags = append(diags, more...)
			diags = append(diags, b.add(own, attrs, p)...)
		}
		for name, a := range own {
			if all[name] == nil {
				all[name] = a
			}
		}
	}
	return all, diags
}

// MissingItemRange implements hcl.Body.
func (b *body) MissingItemRange() hcl.Range {
	if len(b.layers) == 0 || len(b.layers[0]) == 0 {
		return whole("configuration")
	}
	return b.layers[0][0].syntax.MissingItemRange()
}

// content returns what the schema asks for. Unknown names are reported for the block
// itself, unless partial is true; those of defaults are reported once, where the defaults
// are read.
func (b *body) content(schema *hcl.BodySchema, partial bool) (*hcl.BodyContent, hcl.Diagnostics) {
	content := &hcl.BodyContent{Attributes: hcl.Attributes{}, MissingItemRange: b.MissingItemRange()}
	var diags hcl.Diagnostics
	for i, l := range b.layers {
		from, more := b.read(l, optional(schema), partial || i > 0)
		diags = append(diags, more...)
		inherit(content, from)
	}
	for _, a := range schema.Attributes {
		if a.Required && content.Attributes[a.Name] == nil {
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError,
				Summary:  "Missing required argument",
				Detail:   fmt.Sprintf("The argument %q is required, but no definition was found.", a.Name),
				Subject:  content.MissingItemRange.Ptr(),
			})
		}
	}
	for _, block := range content.Blocks {
		if inner, ok := block.Body.(*body); ok && b.child != nil {
			b.child(block, inner)
		}
	}
	return content, diags
}

// read returns what the schema asks for of one definition.
func (b *body) read(l layer, schema *hcl.BodySchema, partial bool) (*hcl.BodyContent, hcl.Diagnostics) {
	all := &hcl.BodyContent{Attributes: hcl.Attributes{}}
	var diags hcl.Diagnostics
	for _, p := range l {
		var content *hcl.BodyContent
		var more hcl.Diagnostics
		ctx := b.owners.scope(p.ctx)
		if expanded := p.expand(ctx); partial {
			content, _, more = expanded.PartialContent(schema)
		} else {
			content, more = expanded.Content(withTaken(schema, b.taken))
		}
		diags = append(diags, more...)
		b.incomplete = b.incomplete || slices.ContainsFunc(more, isConsequence)
		diags = append(diags, b.add(all.Attributes, content.Attributes, p)...)
		for _, block := range content.Blocks {
			if wanted(schema, block.Type) {
				block.Body = &body{layers: []layer{{innerPart(block.Body, ctx)}}, owners: b.owners}
				all.Blocks = append(all.Blocks, block)
			}
		}
	}
	for _, a := range b.taken.Attributes {
		delete(all.Attributes, a.Name)
	}
	return all, diags
}

// add adds the attributes of one part to those of the other parts of the same definition.
func (b *body) add(to, attrs hcl.Attributes, p part) (diags hcl.Diagnostics) {
	for name, a := range attrs {
		if first := to[name]; first != nil {
			diags = append(diags, Problem(a.NameRange, "Duplicate argument",
				fmt.Sprintf("%s is already set at %s. Write it in one place.", name, place(first.NameRange))))
			continue
		}
		own := *a
		own.Expr = scoped{Expression: a.Expr, ctx: b.owners.scope(p.ctx), owners: b.owners}
		to[name] = &own
	}
	return diags
}

// optional returns the schema without required arguments.
func optional(schema *hcl.BodySchema) *hcl.BodySchema {
	s := &hcl.BodySchema{Attributes: slices.Clone(schema.Attributes), Blocks: schema.Blocks}
	for i := range s.Attributes {
		s.Attributes[i].Required = false
	}
	return s
}

// withTaken returns a schema that also accepts what was taken before.
func withTaken(schema *hcl.BodySchema, taken hcl.BodySchema) *hcl.BodySchema {
	if len(taken.Attributes)+len(taken.Blocks) == 0 {
		return schema
	}
	both := &hcl.BodySchema{
		Attributes: slices.Concat(schema.Attributes, taken.Attributes),
		Blocks:     slices.Concat(schema.Blocks, taken.Blocks),
	}
	return optional(both)
}

func wanted(schema *hcl.BodySchema, blockType string) bool {
	return slices.ContainsFunc(schema.Blocks, func(b hcl.BlockHeaderSchema) bool { return b.Type == blockType })
}

// inherit completes the content of a block with that of a more distant definition.
func inherit(to, from *hcl.BodyContent) {
	for name, a := range from.Attributes {
		if to.Attributes[name] == nil {
			to.Attributes[name] = a
		}
	}
	own := slices.Clone(to.Blocks)
	for _, block := range from.Blocks {
		near, far := alike(own, block), alike(from.Blocks, block)
		switch {
		case len(near) == 0:
			to.Blocks = append(to.Blocks, block)
		case len(near) == 1 && len(far) == 1:
			inner := near[0].Body.(*body)
			inner.layers = append(inner.layers, block.Body.(*body).layers...)
		}
	}
}

// alike returns the blocks with the type and the labels of the given one.
func alike(blocks hcl.Blocks, as *hcl.Block) (all hcl.Blocks) {
	for _, b := range blocks {
		if b.Type == as.Type && slices.Equal(b.Labels, as.Labels) {
			all = append(all, b)
		}
	}
	return all
}

// has reports whether a place is in the block itself and not in what it inherits.
func (b *body) has(at hcl.Range) bool {
	return slices.ContainsFunc(b.layers[0], func(p part) bool { return within(at, p.syntax.SrcRange) })
}

// inFile reports whether a part of the block itself is in the file.
func (b *body) inFile(filename string) bool {
	return slices.ContainsFunc(b.layers[0], func(p part) bool { return p.syntax.SrcRange.Filename == filename })
}

// syntaxOf returns the bodies in files that a body consists of, the nearest first.
func syntaxOf(b hcl.Body) (all []*hclsyntax.Body) {
	switch b := b.(type) {
	case *hclsyntax.Body:
		return []*hclsyntax.Body{b}
	case *body:
		for _, l := range b.layers {
			for _, p := range l {
				all = append(all, p.syntax)
			}
		}
	}
	return all
}
