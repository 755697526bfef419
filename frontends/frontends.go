// Package frontends is the contract between the protocol servers and the process that
// runs them. It is not a registry: internal/gateway lists the frontends that exist.
//
// A frontend is a package below this one. It has a struct Config with hcl tags, which
// implements the interface Config here, and a function that returns its type:
//
//	func Type() config.Type {
//		return frontends.TypeOf("ftp", func() Config { return Config{IdleTimeout: "5m"} })
//	}
package frontends

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe"
)

// Config is the decoded body of a block `frontend "TYPE" "NAME" {}`.
type Config interface {
	config.Body
	// Open binds every port. Nothing is served before Server.Serve.
	Open(ctx context.Context, env Env) (Server, error)
}

// Env is what the process gives to each frontend.
type Env struct {
	// Name is the second label of the block: "public".
	Name string
	// Log is never nil.
	Log *slog.Logger
	// Observe is what all frontends are observed with: sessions, metrics, sinks.
	Observe observe.Shared
	// Auth says who may log in. A session keeps what it has acquired from it for its
	// login until it ends.
	Auth auth.Source
	// Ledger counts what is held, for the whole process. nil where nobody shares it.
	Ledger *fairshare.Ledger
	// Memory is the budget of the process. nil where nobody shares it.
	Memory *memory.Parts
	// Grace is how long running transfers may go on after the stop.
	Grace time.Duration
}

// Server is a frontend whose listeners are bound already: a port that is taken
// is an error before anything serves.
type Server interface {
	// Addr is the address of the control port that clients connect to.
	Addr() net.Addr

	// Serve takes sessions until ctx ends. Then it takes no more, lets running
	// transfers go on for the grace period that it was made with, aborts what
	// is left, waits for all its goroutines and returns nil. Any other return
	// is an error. It is called once, and it closes the listeners.
	Serve(ctx context.Context) error
}

// TypeOf returns the type called name whose blocks decode into a C. defaults returns
// the values of attributes that are not written.
func TypeOf[C any, P interface {
	*C
	Config
}](name string, defaults func() C) config.Type {
	return config.TypeOf[C, P](name, defaults)
}
