package observe

import (
	"cmp"
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/clientaddr"
	"github.com/tidegate/tidegate/internal/loglimit"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// logSink writes one line for each event, immediately. When many logins, connections or commands
// are refused, it writes a line about the first in a minute, and then the number of the others: a
// flood must not fill the log.
type logSink struct {
	log         *slog.Logger
	logins      *loglimit.Limiter[loginKey]
	undecided   *loglimit.Limiter[string]
	connections *loglimit.Limiter[connectionKey]
	limits      *loglimit.Limiter[limitKey]
	// unauthenticated limits lines about sessions without a login, refusals those about commands.
	unauthenticated *loglimit.Limiter[loginKey]
	refusals        *loglimit.Limiter[refusalKey]
	// handlers has, by session, a handler with the session's attributes: formatting them for
	// each line would cost more than the rest of the line. An entry lives from
	// SessionStarted to SessionEnded.
	handlers sync.Map
}

// sessionHandler is the handler of one session, with the attributes that it has with a user.
type sessionHandler struct {
	user    session.User
	handler slog.Handler
}

// loginKey is the key by which refused logins are counted together.
type loginKey struct {
	protocol, cause string
	from            netip.Prefix
}

// connectionKey is the key by which refused connections are counted together.
type connectionKey struct{ protocol, reason, setting string }

// refusalKey is the key by which refused commands are counted together.
type refusalKey struct {
	protocol, command, setting string
	user                       session.User
	from                       netip.Prefix
}

// limitKey is the key by which refusals of a limit are counted together.
type limitKey struct{ limit, owner string }

func newLogSink(log *slog.Logger) *logSink {
	return &logSink{
		log: log,
		logins: loglimit.New(func(k loginKey, count int, last string) {
			log.Warn("more logins refused", "proto", k.protocol, "count", count, "network", networkText(k.from), "cause", k.cause, "last_login", last)
		}),
		undecided: loglimit.New(func(protocol string, count int, last string) {
			log.Error("more logins not decided", "proto", protocol, "count", count, "last_login", last)
		}),
		connections: loglimit.New(func(k connectionKey, count int, last string) {
			log.Warn("more sessions refused", "proto", k.protocol, "count", count, "last", last, "reason", k.reason, "setting", k.setting)
		}),
		limits: loglimit.New(func(k limitKey, count int, last string) {
			log.Warn("limit reached more often", "limit", k.limit, "of", k.owner, "count", count, "last", last)
		}),
		unauthenticated: loglimit.New(func(k loginKey, count int, last string) {
			log.Info("more sessions ended without a login", "proto", k.protocol, "count", count, "network", networkText(k.from), "cause", k.cause, "last", last)
		}),
		refusals: loglimit.New(func(k refusalKey, count int, last string) {
			log.Info("more commands refused", "proto", k.protocol, "count", count, "network", networkText(k.from), "command", k.command,
				"setting", k.setting, "last_reply", last)
		}),
	}
}

// networkText is the attribute network of a line about several events.
func networkText(from netip.Prefix) string {
	if !from.IsValid() {
		return "others"
	}
	return from.String()
}

// close writes the counts that are not written yet. No event follows.
func (l *logSink) close() {
	l.connections.Close()
	l.limits.Close()
	l.logins.Close()
	l.undecided.Close()
	l.unauthenticated.Close()
	l.refusals.Close()
}

// Record implements Sink.
func (l *logSink) Record(ctx context.Context, e Event) {
	switch e.Name {
	case SessionStarted:
		l.identify(e)
		l.line(ctx, slog.LevelDebug, "session started", e)
	case LoginSucceeded:
		l.identify(e)
		l.line(ctx, slog.LevelInfo, "login succeeded", e, e.Attrs...)
	case LoginRefused:
		l.loginRefused(ctx, e)
	case LoginNotDecided:
		l.loginNotDecided(ctx, e)
	case OperationFinished:
		l.operation(ctx, e)
	case UploadAborted:
		attrs := []slog.Attr{slog.String("path", e.Path), slog.Int64("bytes", e.Bytes), slog.String("reason", e.Err.Error())}
		if e.Setting != "" {
			attrs = append(attrs, slog.String("setting", e.Setting))
		}
		l.line(ctx, slog.LevelWarn, "upload aborted", e, attrs...)
	case LimitReached:
		first := l.limits.Note(limitKey{e.Setting, e.Reason}, e.Remote.String())
		l.line(ctx, limited(first), "limit reached", e, e.Attrs...)
	case SessionEnded:
		l.ended(ctx, e)
		l.handlers.Delete(e.Session)
	case CommandRefused:
		l.commandRefused(ctx, e)
	case SessionRefused:
		l.connectionRefused(ctx, e)
	case ProcessStarted, ProcessStopping, ProcessStopped, DrainRequested, SessionKicked, ConfigurationChanged, ConfigurationUnchanged:
		// They do not come from a Reporter.
	case CommandAnswered, DataChannelOpened, DataChannelClosed:
		// The trace of a client has its commands.
	}
}

// line writes a line about e, with the attributes of its session in front of attrs.
func (l *logSink) line(ctx context.Context, level slog.Level, message string, e Event, attrs ...slog.Attr) {
	if !l.log.Enabled(ctx, level) {
		return
	}
	// A logger would look for the place in the source, which no line has.
	r := slog.NewRecord(time.Now(), level, message, 0)
	handler := l.log.Handler()
	if one, ok := l.handlers.Load(e.Session); ok && one.(sessionHandler).user == e.User {
		handler = one.(sessionHandler).handler
	} else {
		r.AddAttrs(identity(e.Protocol, e.Session, e.Remote, e.User)...)
	}
	r.AddAttrs(attrs...)
	_ = handler.Handle(ctx, r) // a logger would not report it either
}

// identify stores the handler of the session of e with its present attributes.
func (l *logSink) identify(e Event) {
	l.handlers.Store(e.Session, sessionHandler{e.User, withIdentity(l.log, e.Protocol, e.Session, e.Remote, e.User).Handler()})
}

// withIdentity returns log with the attributes of all lines of a session.
func withIdentity(log *slog.Logger, protocol string, s *session.Session, remote netip.AddrPort, u session.User) *slog.Logger {
	return slog.New(log.Handler().WithAttrs(identity(protocol, s, remote, u)))
}

// identity returns the attributes of all lines of a session, or of a connection that was
// refused.
func identity(protocol string, s *session.Session, remote netip.AddrPort, u session.User) []slog.Attr {
	attrs := make([]slog.Attr, 0, 12)
	if s != nil {
		attrs = append(attrs, slog.String(sessionKey, s.ID))
		if id := s.TraceID(); id != "" {
			attrs = append(attrs, slog.String("trace_id", id))
		}
	}
	attrs = append(attrs, slog.String("proto", protocol))
	attrs = append(attrs, address(remote)...)
	if u != (session.User{}) {
		attrs = append(attrs, slog.String("tenant", u.Tenant), slog.String("user", u.Name))
	}
	return attrs
}

// address returns the attributes of a client's address in every line: none where it is not
// known.
func address(remote netip.AddrPort) []slog.Attr {
	if !remote.IsValid() {
		return nil
	}
	return []slog.Attr{slog.String("remote_ip", remote.Addr().String()), slog.Int("remote_port", int(remote.Port()))}
}

// operation writes about an operation: Debug for a stat, Warn for a failure that a person
// should look at, Info for everything else.
func (l *logSink) operation(ctx context.Context, e Event) {
	level := slog.LevelInfo
	if e.Op == "stat" {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{slog.String("op", e.Op), slog.String("path", e.Path), slog.Duration("dur", e.Duration)}
	switch e.Op {
	case "read", "write":
		attrs = append(attrs, slog.Int64("bytes", e.Bytes))
	case "list":
		attrs = append(attrs, slog.Int64("entries", e.Entries))
	case "copy":
		attrs = append(attrs, slog.String("to", e.To), slog.Int64("bytes", e.Bytes))
	case "rename":
		attrs = append(attrs, slog.String("to", e.To))
	}
	if e.Root != "" {
		attrs = append(attrs, slog.String("root", e.Root))
	}
	if e.Backend != "" {
		attrs = append(attrs, slog.String("backend", e.Backend))
	}
	attrs = append(attrs, e.Attrs...)
	if e.Err != nil {
		kind := vfs.KindOf(e.Err)
		if kind == vfs.KindInternal || kind == vfs.KindUnavailable {
			level = slog.LevelWarn
		}
		attrs = append(attrs, slog.String("kind", kind.String()))
		if e.Setting != "" {
			attrs = append(attrs, slog.String("setting", e.Setting))
		}
		attrs = append(attrs, slog.Any("err", e.Err))
	}
	l.line(ctx, level, "operation finished", e, attrs...)
}

// maxLogin is how many bytes of a login a line holds: more than a valid login has.
const maxLogin = 1 << 10

// loginRefused writes about a refused login. It cuts a long login and adds its length.
func (l *logSink) loginRefused(ctx context.Context, e Event) {
	shown := e.Login[:min(len(e.Login), maxLogin)]
	attrs := []slog.Attr{slog.String("login", shown), slog.String("method", e.Method)}
	if len(shown) < len(e.Login) {
		attrs = append(attrs, slog.Int("login_bytes", len(e.Login)))
	}
	attrs = append(attrs, failure(e)...)
	first := l.logins.Note(loginKey{e.Protocol, e.Cause, clientaddr.Network(e.Remote.Addr())}, shown)
	l.line(ctx, limited(first), "login refused", e, attrs...)
}

// failure returns the attributes that say why something failed.
func failure(e Event) []slog.Attr {
	var attrs []slog.Attr
	if e.Cause != "" {
		attrs = append(attrs, slog.String("cause", e.Cause))
	}
	if e.Setting != "" {
		attrs = append(attrs, slog.String("setting", e.Setting))
	}
	attrs = append(attrs, e.Attrs...)
	if e.Err != nil {
		attrs = append(attrs, slog.Any("err", e.Err))
	}
	return attrs
}

// ended writes about the end of a session. For sessions without a login the line has the level
// Debug, except for the first of each cause and network in a minute: a flood of them must not
// fill the log. A client that has sent nothing, such as a probe of a load balancer, has only
// lines at Debug.
func (l *logSink) ended(ctx context.Context, e Event) {
	level := slog.LevelInfo
	if e.User == (session.User{}) {
		level = slog.LevelDebug
		if !e.Silent && l.unauthenticated.Note(loginKey{e.Protocol, cmp.Or(e.Cause, e.Reason), clientaddr.Network(e.Remote.Addr())}, e.Remote.String()) {
			level = slog.LevelInfo
		}
	}
	l.line(ctx, level, "session ended", e, append([]slog.Attr{slog.Duration("dur", e.Duration), slog.String("reason", e.Reason)}, failure(e)...)...)
}

// commandRefused writes about a refused command. A client that repeats it has one line.
func (l *logSink) commandRefused(ctx context.Context, e Event) {
	level := slog.LevelDebug
	if l.refusals.Note(refusalKey{e.Protocol, e.Op, e.Setting, e.User, clientaddr.Network(e.Remote.Addr())}, e.Reason) {
		level = slog.LevelInfo
	}
	attrs := []slog.Attr{slog.String("command", e.Op), slog.String("reply", e.Reason)}
	if e.Path != "" {
		attrs = append(attrs, slog.String("path", e.Path))
	}
	l.line(ctx, level, "command refused", e, append(attrs, failure(e)...)...)
}

// loginNotDecided writes about a login about which the external service has not decided: an
// operator has to look at the service, not at the client.
func (l *logSink) loginNotDecided(ctx context.Context, e Event) {
	shown := e.Login[:min(len(e.Login), maxLogin)]
	level := slog.LevelDebug
	if l.undecided.Note(e.Protocol, shown) {
		level = slog.LevelError
	}
	l.line(ctx, level, "login not decided", e, slog.String("login", shown), slog.String("method", e.Method), slog.Any("err", e.Err))
}

func (l *logSink) connectionRefused(ctx context.Context, e Event) {
	attrs := []slog.Attr{slog.String("reason", e.Reason), slog.String("setting", e.Setting)}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("err", e.Err))
	}
	first := l.connections.Note(connectionKey{e.Protocol, e.Reason, e.Setting}, e.Remote.String())
	l.line(ctx, limited(first), "session refused", e, attrs...)
}

// limited is the level of a line of which there may be many.
func limited(first bool) slog.Level {
	if first {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}
