package ledger

import (
	"context"
	"fmt"
	"net"

	"github.com/tidegate/tidegate/internal/testing/ledger"
)

// session is a client's session with one generation.
type session struct {
	client
	g *generation
	// over is closed when the server is done with it.
	over <-chan struct{}
}

// client speaks one protocol, logged in.
type client interface {
	// attempt uploads, and ends as planned. old is what the name held before.
	// begun is true when the server took the upload. close ends what the client
	// still has open.
	attempt(p *plan, fresh []byte, old ledger.Content) (v result, begun bool, close func())
	// fetch downloads a file, and list returns the names of all.
	fetch(name string) ([]byte, error)
	list() ([]string, error)
	// local is the client's address.
	local() net.Addr
	Close()
}

// result is the reply that the client got.
type result struct {
	receipt bool
	// code is the protocol's, 0 when it got none.
	code int
	err  error
}

func none(err error) result { return result{err: err} }

func (v result) String() string {
	if v.receipt {
		return "that it is stored"
	}
	return fmt.Sprintf("%d (%v)", v.code, v.err)
}

// lost says whether there was no reply.
func (v result) lost() bool { return !v.receipt && v.code == 0 }

// doubtful says whether the refusal may be one of a store whose answer was lost.
func (v result) doubtful() bool { return v.code == 451 || v.code == sftpFailure }

// outdone says whether the refusal may be one for another client's upload.
func (v result) outdone() bool { return v.code == 450 || v.code == sftpFailure }

// dial opens a session. Those by FTP of one address share the passive port's
// gate; local, when set, is an address of its own.
func (g *gateway) dial(ctx context.Context, n *generation, p protocol, user string, local net.Addr) (*session, error) {
	dial := g.dialFTP
	if p == overSSH {
		dial = g.dialSFTP
	}
	c, err := dial(ctx, n, p, user, local)
	if err != nil {
		return nil, err
	}
	return &session{client: c, g: n, over: g.log.ended(c.local().String())}, nil
}
