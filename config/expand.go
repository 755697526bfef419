package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/dynblock"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// part is the body of one block in a file.
type part struct {
	syntax *hclsyntax.Body
	// ctx has the iterators of the dynamic blocks around the block.
	ctx *hcl.EvalContext
}

// expand returns the body of a part with the blocks that its dynamic blocks make. Their
// expressions are evaluated in the context.
func (p part) expand(ctx *hcl.EvalContext) hcl.Body {
	return dynblock.Expand(written{p.syntax}, ctx, dynblock.OptCheckForEach(known))
}

// known leaves a dynamic block out whose collection is unknown because of a problem that has
// been reported.
func known(value cty.Value, expr hcl.Expression, _ *hcl.EvalContext) hcl.Diagnostics {
	if value.IsKnown() {
		return nil
	}
	return hcl.Diagnostics{consequence(expr.Range())}
}

// innerPart returns the part for a block in an expanded body. dynblock knows the iterators
// of the block and does not export them, so the body is asked for an argument whose
// expression remembers the context in which it is evaluated. ctx is that of expand.
func innerPart(expanded hcl.Body, ctx *hcl.EvalContext) part {
	content, _, _ := expanded.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: probeName}}})
	expr := content.Attributes[probeName].Expr
	_, _ = expr.Value(ctx)
	seen, _ := hcl.UnwrapExpressionUntil(expr, func(e hcl.Expression) bool {
		_, ok := e.(*probe)
		return ok
	}).(*probe)
	return part{syntax: seen.of, ctx: seen.ctx}
}

// written is the body of a block as the file has it. It is what dynblock expands.
type written struct{ *hclsyntax.Body }

// Content implements hcl.Body.
func (w written) Content(schema *hcl.BodySchema) (*hcl.BodyContent, hcl.Diagnostics) {
	content, diags := w.Body.Content(schema)
	return w.wrap(content, schema), diags
}

// PartialContent implements hcl.Body.
func (w written) PartialContent(schema *hcl.BodySchema) (*hcl.BodyContent, hcl.Body, hcl.Diagnostics) {
	content, rest, diags := w.Body.PartialContent(schema)
	return w.wrap(content, schema), rest, diags
}

// wrap wraps the bodies of the inner blocks, and answers innerPart.
func (w written) wrap(content *hcl.BodyContent, schema *hcl.BodySchema) *hcl.BodyContent {
	for _, block := range content.Blocks {
		if inner, ok := block.Body.(*hclsyntax.Body); ok {
			block.Body = written{inner}
		}
	}
	for _, a := range schema.Attributes {
		if a.Name == probeName {
			at := w.MissingItemRange()
			content.Attributes[probeName] = &hcl.Attribute{Name: probeName, Expr: &probe{of: w.Body}, Range: at, NameRange: at}
		}
	}
	return content
}

// probeName is no name that a file can have.
const probeName = "(probe)"

// probe is an expression that remembers the context in which it is evaluated.
type probe struct {
	of  *hclsyntax.Body
	ctx *hcl.EvalContext
}

// Value implements hcl.Expression.
func (p *probe) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	p.ctx = ctx
	return cty.True, nil
}

// Variables implements hcl.Expression.
func (p *probe) Variables() []hcl.Traversal { return nil }

// Range implements hcl.Expression.
func (p *probe) Range() hcl.Range { return p.of.MissingItemRange() }

// StartRange implements hcl.Expression.
func (p *probe) StartRange() hcl.Range { return p.of.MissingItemRange() }
