package observe

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/internal/session"
)

// Traced says which sessions are traced.
type Traced struct {
	// Networks are the addresses of clients.
	Networks []netip.Prefix
	// Logins are names of users, alone or as TENANT/USER, in lower case. A client is traced
	// from the time on when it claims to be one.
	Logins []string
}

// has reports whether a session is among them.
func (t *Traced) has(s *session.Session) bool {
	if slices.ContainsFunc(t.Networks, func(p netip.Prefix) bool { return p.Contains(s.Remote.Addr()) }) {
		return true
	}
	u, claimed := s.User(), strings.ToLower(s.Claimed())
	return slices.ContainsFunc(t.Logins, func(login string) bool {
		return login == strings.ToLower(u.Name) || login == strings.ToLower(u.String()) || login == claimed
	})
}

// Trace decides which sessions are traced: those of the configuration, in the log, and those
// that operators follow. The zero value traces none. Its methods may be called concurrently.
type Trace struct {
	// logged is nil for none.
	logged atomic.Pointer[Traced]
	// followers is nil or empty for none. The slice is replaced as a whole, under mu.
	followers atomic.Pointer[[]*Follower]
	mu        sync.Mutex
}

// Set makes t the sessions that are traced in the log from now on, those that have begun
// before too.
func (o *Trace) Set(t Traced) {
	if len(t.Networks) == 0 && len(t.Logins) == 0 {
		o.logged.Store(nil)
		return
	}
	o.logged.Store(&t)
}

// TraceLine is what passed between a client and the gateway: a line of FTP, or an SFTP
// request or its answer, without passwords.
type TraceLine struct {
	Time               time.Time
	Session            string
	Protocol, Frontend string
	Remote             netip.AddrPort
	// User is empty before the login.
	User session.User
	// Direction is FromClient or ToClient.
	Direction, Text string
}

// followerLines is how many lines a Follower holds.
const followerLines = 1000

// Follower receives the dialogue of some sessions while an operator watches.
type Follower struct {
	// Lines has the dialogue. What does not fit, because nobody receives it, is dropped.
	Lines   chan TraceLine
	traced  Traced
	dropped atomic.Int64
}

// Dropped returns how many lines were dropped since the last call.
func (f *Follower) Dropped() int64 { return f.dropped.Swap(0) }

// Follow returns a Follower of the sessions of t, also of those that have begun before, and
// the function that ends it.
func (o *Trace) Follow(t Traced) (f *Follower, end func()) {
	f = &Follower{Lines: make(chan TraceLine, followerLines), traced: t}
	o.change(func(all []*Follower) []*Follower { return append(all, f) })
	return f, func() {
		o.change(func(all []*Follower) []*Follower {
			return slices.DeleteFunc(all, func(one *Follower) bool { return one == f })
		})
	}
}

// change replaces the followers by what next returns of a copy.
func (o *Trace) change(next func([]*Follower) []*Follower) {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := next(slices.Clone(o.following()))
	o.followers.Store(&all)
}

func (o *Trace) following() []*Follower {
	if all := o.followers.Load(); all != nil {
		return *all
	}
	return nil
}

// isLogged reports whether the log has the dialogue of a session.
func (o *Trace) isLogged(s *session.Session) bool {
	t := o.logged.Load()
	return t != nil && s != nil && t.has(s)
}

// of reports whether anybody wants the dialogue of a session.
func (o *Trace) of(s *session.Session) bool {
	return o.isLogged(s) || s != nil && slices.ContainsFunc(o.following(), func(f *Follower) bool { return f.traced.has(s) })
}

// pass gives a line to those who follow its session.
func (o *Trace) pass(s *session.Session, line TraceLine) {
	for _, f := range o.following() {
		if !f.traced.has(s) {
			continue
		}
		select {
		case f.Lines <- line:
		default:
			f.dropped.Add(1)
		}
	}
}

// The directions of what is traced.
const (
	FromClient = "received"
	ToClient   = "sent"
)

// IsTraced reports whether the dialogue of s is to be passed to Traced. It costs two atomic
// loads where nothing is traced.
func (r *Reporter) IsTraced(s *session.Session) bool { return r.o.Trace != nil && r.o.Trace.of(s) }

// Traced passes on what passed between the client and the gateway: a line of FTP, or an SFTP
// request or its answer. text must have no password.
func (r *Reporter) Traced(ctx context.Context, s *session.Session, direction, text string) {
	if r.o.Trace == nil {
		return
	}
	user := s.User()
	r.o.Trace.pass(s, TraceLine{time.Now(), s.ID, r.o.Protocol, r.o.Frontend, s.Remote, user, direction, text})
	if r.o.Trace.isLogged(s) {
		r.log.line(ctx, slog.LevelInfo, "trace", Event{Protocol: r.o.Protocol, Session: s, Remote: s.Remote, User: user},
			slog.String("direction", direction), slog.String("text", text))
	}
}
