package data

import (
	"context"
	"log/slog"
	"net"

	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/internal/memory/buffers"
)

// Use says what a connection is for.
type Use struct {
	// Command is what the client sent, for the log; "" when no command needs the connection
	// and it is only to be closed in order.
	Command string
	// Upload is true when the client sends.
	Upload bool
	// Protected is true under PROT P.
	Protected bool
}

// binding is the search for the connection of one transfer.
type binding struct {
	s   *Session
	log *slog.Logger
	// user is whose session it is.
	user string
	use  Use
	// from is where the connection comes from.
	from source
	// advertised is the address and port that were announced to the client, "" in active mode.
	advertised string
	// needs is what a protected connection must show.
	needs trust
	// ctx governs the search.
	ctx    context.Context
	cancel context.CancelFunc
}

// opened is a connection that was found.
type opened struct {
	conn net.Conn
	// below and watched are what conn speaks TLS over, nil where it does not.
	below   *buffers.Conn
	watched *watchedConn
	// proven is true when the client showed this session's own ticket.
	proven bool
}

// keep says how long the data connection's port is kept: every connection that comes
// until then is examined.
func (b *binding) keep() passive.Keep {
	switch {
	case !b.use.Protected || b.needs == anyone:
		return passive.KeepNot
	case b.s.shared.o.Reuse == ReuseRequire:
		return passive.KeepAlways
	}
	return passive.KeepQuiet
}
