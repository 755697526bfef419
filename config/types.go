package config

import (
	"reflect"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
)

// Registry lists the types of blocks that a program supports. It is an argument of Load;
// there is no global registry.
type Registry struct {
	// Backends decode the blocks `backend "TYPE" "NAME" {}`, Frontends the blocks
	// `frontend "TYPE" "NAME" {}`, Events the blocks `event "TYPE" "NAME" {}`.
	Backends, Frontends, Events []Type
}

// Type decodes the bodies of the blocks of one type. TypeOf makes one.
type Type interface {
	// Name is the first label of the blocks: "azblob".
	Name() string
	// Decode checks everything that can be checked without opening anything.
	Decode(body hcl.Body, ec *hcl.EvalContext) (Body, hcl.Diagnostics)
}

// Body is the decoded body of one block. Each backend and frontend defines its own, as a
// struct with hcl tags that also opens the backend or the server: see the packages backends
// and frontends. Package config only decodes it.
type Body interface {
	// Validate reports problems that decoding cannot find, each with the range of the
	// value: gohcl fills fields tagged attr_value_range, and def_range in inner blocks. A
	// Problem with the zero range, such as that of a missing attribute, is about the whole
	// block. Validate is also called after decoding has failed, with zero values for
	// attributes that could not be decoded; then only problems of present values are
	// reported.
	Validate() hcl.Diagnostics
}

// TypeOf returns the Type called name whose bodies decode into a C. defaults returns the
// values of missing attributes.
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

// block returns the struct that decodes the blocks.
func (typeOf[C, P]) block() reflect.Type { return reflect.TypeFor[C]() }

func (t typeOf[C, P]) Decode(body hcl.Body, ec *hcl.EvalContext) (Body, hcl.Diagnostics) {
	c := t.defaults()
	diags := gohcl.DecodeBody(body, ec, &c)
	diags = withoutMissing(diags)
	failed := slices.Clone(diags)
	checked := P(&c).Validate()
	if failed.HasErrors() {
		// A missing attribute may be a misspelt one, which has been reported.
		checked = follow(body, failed, checked)
	}
	diags = append(diags, checked...)
	return P(&c), diags
}

// Diagnostics and Range are for packages that do not import hcl.
type (
	// Diagnostics are problems of a configuration.
	Diagnostics = hcl.Diagnostics
	// Range is the place of a text in a configuration.
	Range = hcl.Range
)
