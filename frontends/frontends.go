// Package frontends names what every protocol server has in common. It is not
// a registry: cmd lists the frontends that exist.
package frontends

import (
	"context"
	"net"
)

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
