package frontends

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/internal/accesslog"
	"github.com/tidegate/tidegate/internal/notify"
)

// Process is the process as its operator sees and controls it. Frontends for operators use
// it. Its methods may be called concurrently.
type Process interface {
	// State returns the present state.
	State() State
	// Reload reads the configuration again, as SIGHUP does, and returns what has changed.
	// The error says why the configuration stays as it was.
	Reload(ctx context.Context) (changed string, err error)
	// Drain stops the process as SIGTERM does: it accepts no more connections, and ends
	// when the running transfers have ended. It does not wait for that. by says who asks for
	// it.
	Drain(by string)
}

// State is the state of the process at one moment.
type State struct {
	// Version is that of the program, Node the name of the node, "" for none.
	Version, Node string
	// Phase is "starting", "serving", "draining", "stopped" or "hung", since Since.
	Phase   string
	Since   time.Time
	Started time.Time
	// NotReady says why the node should get no new connections, each reason as a sentence
	// without a full stop. It is empty when the node should.
	NotReady []string
	// Reloaded is the last attempt to reload the configuration.
	Reloaded Reloaded
	// Listeners are the frontends that accept connections.
	Listeners []Listener
	// Tenants and Backends are those of the present configuration.
	Tenants  []string
	Backends []Backend
	// Events are the receivers of events, Logs the access logs and audits.
	Events []notify.Status
	Logs   []accesslog.Status
}

// Reloaded is one attempt to reload the configuration. The zero Reloaded is none.
type Reloaded struct {
	At time.Time
	// Err says why the configuration stayed as it was, "" when it was replaced.
	Err string
}

// Listener is a frontend that accepts connections.
type Listener struct {
	Name, Address string
	// Advertised is the address that passive replies name, "" where there is none.
	Advertised string
}

// Advertiser is implemented by a Server that tells clients another address than Addr.
type Advertiser interface{ Advertised() string }

// Backend is a store.
type Backend struct {
	Name string
	// Unavailable is true while the store could not be opened.
	Unavailable bool
}
