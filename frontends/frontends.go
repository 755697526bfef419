// Package frontends is the contract between the protocol servers and the process that
// runs them. It is not a registry: cmd/internal/gateway lists the frontends.
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
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/expiry"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe"
)

// Config is the decoded body of a block `frontend "TYPE" "NAME" {}`.
type Config interface {
	config.Body
	// Open binds every port. No client is served before Server.Serve.
	Open(ctx context.Context, env Env) (Server, error)
}

// Env has what each frontend gets from the process.
type Env struct {
	// Name is the second label of the block: "public".
	Name string
	// Log is never nil.
	Log *slog.Logger
	// Observe has the sessions, metrics and sinks that all frontends share.
	Observe observe.Shared
	// Auth authenticates logins. A session holds the Authenticator of its login until the
	// session ends.
	Auth auth.Source
	// Ledger counts the shares of the whole process. It is nil where nothing is shared.
	Ledger *fairshare.Ledger
	// Memory is the budget of the process. It is nil where nothing is shared.
	Memory *memory.Parts
	// Sockets opens the listening sockets. nil binds them.
	Sockets *listen.Sockets
	// Grace is how long running transfers may continue after the stop.
	Grace time.Duration
	// Process is for frontends of operators. It is nil where nobody operates the process.
	Process Process
}

// Server is a frontend whose listeners are bound. So a port in use is an error before any
// frontend serves.
type Server interface {
	// Addr is the address of the control port that clients connect to.
	Addr() net.Addr

	// Serve serves sessions until ctx ends. Then it accepts no more, lets running transfers
	// continue for the grace period, aborts the others, waits for all its goroutines and
	// returns nil. Any other return is an error. It is called once, and it closes the
	// listeners.
	Serve(ctx context.Context) error

	// Prepare prepares the settings of new connections from c, another body of the same
	// block, and reads the files that c names. The settings change only at Next.Apply. It
	// returns a *listen.BoundError when c differs in a setting that cannot change while the ports
	// are bound. It may be called before and during Serve, by one goroutine at a time.
	Prepare(c Config) (Next, error)
}

// Described is implemented by a Server about whose ports an operator must know more than
// the address.
type Described interface {
	// Describe returns attributes for the line of the log that says that a port is bound.
	Describe() []slog.Attr
}

// Expiring is implemented by a Server that has certificates or other things that end at a
// time.
type Expiring interface {
	// Expiring returns those in use, without their owner. It may be called concurrently.
	Expiring() []expiry.Thing
}

// Next is a prepared configuration of a Server.
type Next struct {
	// Apply applies the configuration to connections that are accepted from then on. Other
	// connections keep their settings.
	Apply func()
	// Keys is the number of changed certificates and host keys.
	Keys int
}

// TypeOf returns the type called name whose blocks decode into a C. defaults returns the
// values of missing attributes.
func TypeOf[C any, P interface {
	*C
	Config
}](name string, defaults func() C) config.Type {
	return config.TypeOf[C, P](name, defaults)
}
