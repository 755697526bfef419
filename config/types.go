package config

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/vfs"
)

// Registry lists the block types that this program knows. cmd fills it; there
// is no other list.
type Registry struct {
	Backends  []BackendType
	Frontends []FrontendType
}

// BackendType decodes the bodies of the blocks `backend "NAME" "…" {}`.
// BackendOf makes one.
type BackendType interface {
	// Name is the first label of the block: "azblob".
	Name() string
	// Decode checks everything that can be checked without opening anything.
	Decode(body hcl.Body, ec *hcl.EvalContext) (BackendConfig, hcl.Diagnostics)
}

// BackendConfig is the decoded body of one backend block. A backend package
// defines its own as a struct with hcl tags.
type BackendConfig interface {
	// Validate reports what decoding cannot see, each problem with the range
	// of the value it is about: gohcl fills fields tagged attr_value_range,
	// and def_range in blocks inside. Problem with the zero range, as that of
	// an attribute that is not written, is about the whole block. Validate is
	// also called when decoding failed, with zero values for what could not be
	// decoded; then only what it says about written values counts.
	Validate() hcl.Diagnostics
	// Open does all input and output that opening the store needs: it checks
	// that the store is there and can be used as configured.
	Open(ctx context.Context, env BackendEnv) (vfs.Backend, error)
}

// BackendEnv is what the program gives to each backend that it opens.
type BackendEnv struct {
	// Name is the second label of the block: "ingest".
	Name string
	// Log is never nil.
	Log *slog.Logger
	// Chunks is the memory that transfers may use, one pool for the process.
	Chunks *chunk.Pool
}

// FrontendType decodes the bodies of the blocks `frontend "NAME" "…" {}`.
// FrontendOf makes one.
type FrontendType interface {
	Name() string
	Decode(body hcl.Body, ec *hcl.EvalContext) (FrontendConfig, hcl.Diagnostics)
}

// FrontendConfig is the decoded body of one frontend block.
type FrontendConfig interface {
	Validate() hcl.Diagnostics
	// Open binds every port. Nothing is served before Server.Serve.
	Open(ctx context.Context, env FrontendEnv) (frontends.Server, error)
}

// FrontendEnv is what the program gives to each frontend.
type FrontendEnv struct {
	// Name is the second label of the block: "public".
	Name string
	// Log is never nil.
	Log *slog.Logger
	// Observe is what all frontends are observed with: sessions, metrics, sinks.
	Observe observe.Shared
	// Auth answers who may log in.
	Auth *auth.Authenticator
	// Ledger counts what is held, for the whole process. nil where nobody shares it.
	Ledger *fairshare.Ledger
	// Memory is the budget of the process. nil where nobody shares it.
	Memory *memory.Parts
	// Grace is how long running transfers may go on after the stop.
	Grace time.Duration
}

// BackendOf returns the BackendType called name whose bodies decode into a C.
// defaults returns the values of attributes that are not written.
func BackendOf[C any, P interface {
	*C
	BackendConfig
}](name string, defaults func() C) BackendType {
	return typeOf[C, P, BackendConfig]{name, defaults}
}

// FrontendOf is BackendOf for frontends.
func FrontendOf[C any, P interface {
	*C
	FrontendConfig
}](name string, defaults func() C) FrontendType {
	return typeOf[C, P, FrontendConfig]{name, defaults}
}

type validator interface{ Validate() hcl.Diagnostics }

// typeOf decodes a body into a C and returns it as an I, which *C implements.
type typeOf[C any, P interface {
	*C
	validator
}, I any] struct {
	name     string
	defaults func() C
}

func (t typeOf[C, P, I]) Name() string { return t.name }

func (t typeOf[C, P, I]) Decode(body hcl.Body, ec *hcl.EvalContext) (I, hcl.Diagnostics) {
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
	return any(P(&c)).(I), diags
}

// Diagnostics are problems of a configuration, for packages that do not know
// HCL.
type Diagnostics = hcl.Diagnostics
