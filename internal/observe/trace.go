package observe

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/tidegate/tidegate/internal/session"
)

// Traced is whose sessions are traced.
type Traced struct {
	// Networks are the addresses of clients.
	Networks []netip.Prefix
	// Logins are names of users, alone or as TENANT/USER, in lower case. A client is traced
	// from the time on when it claims to be one.
	Logins []string
}

// Trace decides which sessions are traced. The zero value traces none. Its methods may be
// called concurrently.
type Trace struct{ now atomic.Pointer[Traced] }

// Set makes t the sessions that are traced from now on, those that have begun before too.
func (o *Trace) Set(t Traced) {
	if len(t.Networks) == 0 && len(t.Logins) == 0 {
		o.now.Store(nil)
		return
	}
	o.now.Store(&t)
}

// of reports whether a session is traced.
func (o *Trace) of(s *session.Session) bool {
	t := o.now.Load()
	if t == nil || s == nil {
		return false
	}
	if slices.ContainsFunc(t.Networks, func(p netip.Prefix) bool { return p.Contains(s.Remote.Addr()) }) {
		return true
	}
	u, claimed := s.User(), strings.ToLower(s.Claimed())
	return slices.ContainsFunc(t.Logins, func(login string) bool {
		return login == strings.ToLower(u.Name) || login == strings.ToLower(u.String()) || login == claimed
	})
}

// The directions of what is traced.
const (
	FromClient = "received"
	ToClient   = "sent"
)

// IsTraced reports whether what s says and hears is to be passed to Traced. It costs one
// atomic load where nothing is traced.
func (r *Reporter) IsTraced(s *session.Session) bool { return r.o.Trace != nil && r.o.Trace.of(s) }

// Traced writes what passed between the client and the gateway: a line of FTP, or an SFTP
// request or its answer. text must have no password.
func (r *Reporter) Traced(ctx context.Context, s *session.Session, direction, text string) {
	r.log.line(ctx, slog.LevelInfo, "trace", Event{Protocol: r.o.Protocol, Session: s, Remote: s.Remote, User: s.User()},
		slog.String("direction", direction), slog.String("text", text))
}
