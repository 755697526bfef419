// Package backends is the contract between the stores and the process that opens them. It
// is not a registry: cmd/internal/gateway lists the backends.
//
// A backend is a package below this one. It implements vfs.Backend, and has a struct
// Config with hcl tags, which implements the interface Config here, and a function that
// returns its type:
//
//	func Type() config.Type {
//		return backends.TypeOf("local", func() Config { return Config{Fsync: true} })
//	}
package backends

import (
	"context"
	"log/slog"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/expiry"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/vfs"
)

// Config is the decoded body of a block `backend "TYPE" "NAME" {}`.
type Config interface {
	config.Body
	// Open opens the store, and checks that it exists and can be used as configured. Besides
	// Expiring, only Open does input and output. The store may keep ctx, which lives as long
	// as the store.
	Open(ctx context.Context, env Env) (vfs.Backend, error)
}

// Expiring is implemented by a Config with a credential that ends at a time.
type Expiring interface {
	// Expiring returns what ends, without its owner. It may read files.
	Expiring() []expiry.Thing
}

// Env has what each backend gets from the process.
type Env struct {
	// Name is the second label of the block: "ingest".
	Name string
	// Log is never nil.
	Log *slog.Logger
	// Metrics is the registry of the process. It is nil where nobody reads it.
	Metrics *metrics.Registry
	// Chunks leases the memory of transfers, from one pool for the process.
	Chunks *chunk.Pool
	// Ledger counts the shares of the whole process. It is nil where nothing is shared.
	Ledger *fairshare.Ledger
	// Memory is the budget of the process. nil where nobody shares it.
	Memory *memory.Parts
}

// UnreachableError is the error of Config.Open when the store does not answer, or answers
// that it cannot serve now. Opening it again with the same block may succeed. Every other
// error is one of the configuration.
type UnreachableError struct{ Err error }

func (e *UnreachableError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// TypeOf returns the type called name whose blocks decode into a C. defaults returns the
// values of missing attributes.
func TypeOf[C any, P interface {
	*C
	Config
}](name string, defaults func() C) config.Type {
	return config.TypeOf[C, P](name, defaults)
}
