package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
)

// Registry lists the types of blocks that a program knows. The program hands it to
// Load; there is no other list.
type Registry struct {
	// Backends decode the blocks `backend "TYPE" "NAME" {}`, Frontends the blocks
	// `frontend "TYPE" "NAME" {}`.
	Backends, Frontends []Type
}

// Type decodes the bodies of the blocks of one type. TypeOf makes one.
type Type interface {
	// Name is the first label of the blocks: "azblob".
	Name() string
	// Decode checks everything that can be checked without opening anything.
	Decode(body hcl.Body, ec *hcl.EvalContext) (Body, hcl.Diagnostics)
}

// Body is the decoded body of one block. A backend or a frontend defines its own, as a
// struct with hcl tags that also opens what it describes: see the packages backends
// and frontends. Package config only decodes it and hands it on.
type Body interface {
	// Validate reports what decoding cannot see, each problem with the range
	// of the value it is about: gohcl fills fields tagged attr_value_range,
	// and def_range in blocks inside. Problem with the zero range, as that of
	// an attribute that is not written, is about the whole block. Validate is
	// also called when decoding failed, with zero values for what could not be
	// decoded; then only what it says about written values counts.
	Validate() hcl.Diagnostics
}

// TypeOf returns the Type called name whose bodies decode into a C. defaults returns
// the values of attributes that are not written.
func TypeOf[C any, P interface {
	*C
	Body
}](name string, defaults func() C) Type {
	return typeOf[C, P]{name, defaults}
}

// typeOf decodes a body into a C.
type typeOf[C any, P interface {
	*C
	Body
}] struct {
	name     string
	defaults func() C
}

func (t typeOf[C, P]) Name() string { return t.name }

func (t typeOf[C, P]) Decode(body hcl.Body, ec *hcl.EvalContext) (Body, hcl.Diagnostics) {
	c := t.defaults()
	diags := gohcl.DecodeBody(body, ec, &c)
	diags = withoutMissing(diags)
	failed := slices.Clone(diags)
	checked := P(&c).Validate()
	if failed.HasErrors() {
		// What is not written may be misspelt, which has been reported.
		checked = follow(body, failed, checked)
	}
	diags = append(diags, checked...)
	return P(&c), diags
}

// Diagnostics are problems of a configuration, for packages that do not know
// HCL.
type Diagnostics = hcl.Diagnostics
