package observe

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"github.com/tidegate/tidegate/internal/limits"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tracing"
	"github.com/tidegate/tidegate/vfs"
)

// Shared has what the Reporters of all frontends of a process share. A nil field gets a new
// value for the one frontend, as in tests.
type Shared struct {
	Sessions *session.Registry
	Metrics  *metrics.Registry
	// Trace says which sessions have their dialogue in the log: none where it is nil.
	Trace *Trace
	// Tracing sends traces to a collector: none where it is nil.
	Tracing *tracing.Tracing
	// Sinks get every event, after the log.
	Sinks []Sink
	// Recent, if not nil, is one of the Sinks.
	Recent *Recent
}

// Report reports an event about the process to every further sink. The log has lines of its
// own about these.
func (s Shared) Report(ctx context.Context, e Event) {
	e.Time = time.Now()
	if e.Session != nil {
		e.Remote, e.User = e.Session.Remote, e.Session.User()
	}
	for _, sink := range s.Sinks {
		sink.Record(ctx, e)
	}
}

// Options configure a Reporter.
type Options struct {
	// Protocol is "ftp" or "sftp", Frontend the frontend's type and name:
	// "ftp.public".
	Protocol, Frontend string
	// Log is never nil.
	Log *slog.Logger
	Shared
}

// Reporter reports and counts the events of one frontend. Its methods may be called
// concurrently.
type Reporter struct {
	o     Options
	log   *logSink
	sinks []Sink
	// dialogues are those of the sinks that may want more.
	dialogues []Dialogue
	*frontendMetrics
}

// New returns the Reporter of one frontend. The caller calls Close.
func New(o Options) *Reporter {
	if o.Sessions == nil {
		o.Sessions = session.NewRegistry()
	}
	if o.Metrics == nil {
		o.Metrics = metrics.New()
	}
	log := newLogSink(o.Log)
	r := &Reporter{
		o: o, log: log, sinks: append([]Sink{log}, o.Sinks...),
		frontendMetrics: newFrontendMetrics(o.Metrics, o.Frontend, o.Protocol),
	}
	for _, sink := range o.Sinks {
		if d, ok := sink.(Dialogue); ok {
			r.dialogues = append(r.dialogues, d)
		}
	}
	return r
}

// Metrics returns the registry, for the metrics of one protocol.
func (r *Reporter) Metrics() *metrics.Registry { return r.o.Metrics }

// Frontend returns the value of the label frontend.
func (r *Reporter) Frontend() string { return r.o.Frontend }

// Transfers returns the number of running transfers of the frontend's sessions.
func (r *Reporter) Transfers() int {
	n := 0
	for _, s := range r.o.Sessions.All() {
		if s.Frontend == r.o.Frontend {
			n += s.Transfers()
		}
	}
	return n
}

// NewSession returns the session of a connection that has just been accepted.
// SessionStarted makes it live.
func (r *Reporter) NewSession(remote netip.AddrPort) *session.Session {
	return session.New(r.o.Protocol, r.o.Frontend, remote)
}

// Logger returns a logger for lines about s, with its present attributes.
func (r *Reporter) Logger(s *session.Session) *slog.Logger {
	return withIdentity(r.o.Log, s.Protocol, s, s.Remote, s.User())
}

// BeginTrace returns the context of s with its trace, where s is traced. It is called before
// SessionStarted, and SessionEnded ends the trace.
func (r *Reporter) BeginTrace(ctx context.Context, s *session.Session) context.Context {
	return r.o.Tracing.BeginSession(ctx, s)
}

// View returns the tree of the user of the session of ctx. Its operations are reported,
// followed while they run, and traced.
func (r *Reporter) View(ctx context.Context, v *vfs.View) *vfs.View {
	return v.Observed(r.Operation).Tracked(r.OperationBegins).Scoped(tracing.ScopeOf(ctx))
}

// SessionStarted reports a connection that is served from now on. The caller calls
// SessionEnded.
func (r *Reporter) SessionStarted(ctx context.Context, s *session.Session) {
	r.o.Sessions.Add(s)
	r.sessions.Add(1)
	r.live.Add(1)
	r.record(ctx, s, Event{Name: SessionStarted})
}

// Ending says how a session ended.
type Ending struct {
	// Reason is "" when the client ended it.
	Reason string
	// Failure is why the client did not log in.
	Failure
	// Silent is true for a client that has sent nothing, as a load balancer does that
	// looks whether the port is open.
	Silent bool
}

// SessionEnded ends s.
func (r *Reporter) SessionEnded(ctx context.Context, s *session.Session, e Ending) {
	s.End()
	r.live.Add(-1)
	r.record(ctx, s, Event{
		Name: SessionEnded, Duration: time.Since(s.Started), Reason: cmp.Or(e.Reason, session.EndClient), Silent: e.Silent,
		Failure: Failure{e.Cause, e.Setting, e.Err, append(e.Attrs, activity(s)...)},
	})
	in, out := s.Bytes()
	tracing.EndSession(ctx, tracing.Ending{Reason: cmp.Or(e.Reason, session.EndClient), Cause: e.Cause, BytesIn: in, BytesOut: out})
}

// activity returns what the session has done.
func activity(s *session.Session) []slog.Attr {
	a := s.Activity()
	attrs := []slog.Attr{slog.Int64("commands", a.Commands)}
	if s.User() != (session.User{}) || a.In.Files+a.Out.Files > 0 {
		attrs = append(attrs, slog.Int64("files_in", a.In.Files), slog.Int64("bytes_in", a.In.Bytes),
			slog.Int64("files_out", a.Out.Files), slog.Int64("bytes_out", a.Out.Bytes))
	}
	if a.LastCommand != "" {
		attrs = append(attrs, slog.String("last_command", a.LastCommand), slog.String("last_reply", a.LastReply))
	}
	return attrs
}

// LoggedIn makes u the user of s; attrs say how the client proved it.
func (r *Reporter) LoggedIn(ctx context.Context, s *session.Session, u session.User, attrs ...slog.Attr) {
	s.Login(u)
	r.logins.Add(1)
	tracing.NoteTenant(ctx, u.Tenant)
	r.record(ctx, s, Event{Name: LoginSucceeded, Failure: Failure{Attrs: attrs}})
}

// LoginRefused reports a refused attempt to log in, with the name that the client sent.
func (r *Reporter) LoginRefused(ctx context.Context, s *session.Session, login, method string, why Failure) {
	r.login(cmp.Or(why.Cause, loginRefused))
	r.record(ctx, s, Event{
		Name: LoginRefused, Login: login, Method: method, Failure: why,
	})
}

// CommandRefused reports a command or a request that the gateway has refused with reply, because
// of its configuration or because of the file or directory at path. command includes the
// argument.
func (r *Reporter) CommandRefused(ctx context.Context, s *session.Session, command, path, reply string, why Failure) {
	why.Setting = cmp.Or(why.Setting, settingOf(why.Err))
	r.record(ctx, s, Event{
		Name: CommandRefused, Op: command, Path: path, Reason: reply, Failure: why,
	})
}

// LoginNotDecided reports an attempt to log in that an external authority did not decide
// about. It did not succeed either.
func (r *Reporter) LoginNotDecided(ctx context.Context, s *session.Session, login, method string, err error) {
	r.login(loginUndecided)
	r.record(ctx, s, Event{Name: LoginNotDecided, Login: login, Method: method, Failure: Failure{Err: err}})
}

// SessionRefused reports a connection that is not served, or that ends before its login to
// make room for another.
func (r *Reporter) SessionRefused(ctx context.Context, remote netip.AddrPort, reason, setting string, err error) {
	r.refused.Add(1)
	r.record(ctx, nil, Event{Name: SessionRefused, Remote: remote, Reason: reason, Failure: Failure{Setting: setting, Err: err}})
}

// OperationBegins is a vfs.Track: it follows an operation of the session of ctx.
func (r *Reporter) OperationBegins(ctx context.Context, e vfs.Event) vfs.Tracker {
	s := session.From(ctx)
	return tracker{s.Begin(e.Op, e.Path.String()), r.transferred(e.Op, s.User().Tenant)}
}

// tracker counts the bytes of an operation while it runs.
type tracker struct {
	*session.Operation
	bytes *metrics.Counter
}

func (t tracker) Moved(n int) {
	t.Operation.Moved(n)
	t.bytes.Add(int64(n))
}

// Operation is a vfs.Observer: it reports a finished operation of the session of ctx.
func (r *Reporter) Operation(ctx context.Context, e vfs.Event) { r.Answered(ctx, e, 0) }

// Answered is Operation for an operation whose command gets a reply with this code.
func (r *Reporter) Answered(ctx context.Context, e vfs.Event, reply int) {
	s := session.From(ctx)
	r.operation(e, s.User().Tenant)
	if e.Err == nil {
		s.Finished(e.Op)
	}
	one := Event{
		Name: OperationFinished, Command: s.Executing(), Op: e.Op, Path: e.Path.String(), Backend: e.Backend,
		Bytes: e.Bytes, Entries: e.Entries, Requests: e.Requests, Duration: e.Duration, Reply: reply, Receipt: e.Receipt,
		Failure: Failure{Setting: settingOf(e.Err), Err: e.Err},
	}
	if e.Op == "copy" || e.Op == "rename" {
		one.To = e.To.String()
	}
	if !e.Root.IsRoot() {
		one.Root = e.Root.String()
	}
	if e.Throttled > 0 {
		one.Attrs = []slog.Attr{slog.Duration("throttled", e.Throttled)}
	}
	tracing.EndOperation(ctx, e, one.Command)
	r.record(ctx, s, one)
	if e.Op == "write" {
		r.LimitReached(ctx, s, e.Err)
	}
}

// CommandAnswered reports the final reply to an FTP command, after what the command did.
// argument must have no password.
func (r *Reporter) CommandAnswered(ctx context.Context, s *session.Session, command, argument string, reply int, took time.Duration) {
	r.recordDialogue(ctx, s, Event{Name: CommandAnswered, Command: command, Argument: argument, Reply: reply, Duration: took})
}

// DataChannel reports that a data connection to a port of the gateway was opened or, after
// open, closed: name is DataChannelOpened or DataChannelClosed.
func (r *Reporter) DataChannel(ctx context.Context, s *session.Session, name Name, port uint16, open time.Duration) {
	r.recordDialogue(ctx, s, Event{Name: name, Port: port, Duration: open})
}

// limitSetting begins the setting of a limit.
const limitSetting = "limits."

// settingOf returns the setting that decides about a refusal, "" for none.
func settingOf(err error) string {
	if reached, ok := errors.AsType[*limits.Reached](err); ok {
		return limitSetting + reached.Limit
	}
	if decided, ok := errors.AsType[*vfs.SettingError](err); ok {
		return decided.Setting
	}
	return ""
}

// LimitReached reports what a limit of a user or a tenant has refused, if the error says
// so.
func (r *Reporter) LimitReached(ctx context.Context, s *session.Session, err error) {
	reached, ok := errors.AsType[*limits.Reached](err)
	if !ok {
		return
	}
	r.registry.Counter(limitsReachedTotal, r.frontend, r.protocol, reached.Owner.Tenant, reached.Limit).Add(1)
	r.record(ctx, s, Event{
		Name: LimitReached, Reason: reached.Owner.String(), Failure: Failure{Setting: limitSetting + reached.Limit, Err: reached, Attrs: []slog.Attr{
			slog.String("limit", reached.Limit), slog.String("of", reached.Owner.String()), slog.Int64("most", reached.Most),
		}},
	})
}

// UploadAborted reports an upload that was not committed because of err. setting, when not
// "", is the setting that would have accepted it.
func (r *Reporter) UploadAborted(ctx context.Context, s *session.Session, path string, bytes int64, err error, setting string) {
	r.uploadAborted(err)
	r.record(ctx, s, Event{Name: UploadAborted, Path: path, Bytes: bytes, Failure: Failure{Setting: cmp.Or(settingOf(err), setting), Err: err}})
}

// record completes e and passes it to every sink.
func (r *Reporter) record(ctx context.Context, s *session.Session, e Event) {
	r.complete(s, &e)
	for _, sink := range r.sinks {
		sink.Record(ctx, e)
	}
}

// recordDialogue completes e and passes it to the sinks that want it.
func (r *Reporter) recordDialogue(ctx context.Context, s *session.Session, e Event) {
	for _, sink := range r.dialogues {
		if sink.WantsDialogue() {
			r.complete(s, &e)
			sink.Record(ctx, e)
		}
	}
}

// complete sets what all events of a frontend have.
func (r *Reporter) complete(s *session.Session, e *Event) {
	e.Time, e.Protocol, e.Frontend, e.Session = time.Now(), r.o.Protocol, r.o.Frontend, s
	if s != nil {
		e.Remote, e.User = s.Remote, s.User()
	}
}

// Close writes, at the end of the frontend, the counts of suppressed lines and the totals
// of a frontend that had connections; attrs are further totals. No event follows.
func (r *Reporter) Close(attrs ...any) {
	r.log.close()
	counts := []any{
		"sessions", r.sessions.Value(), "logins", r.logins.Value(), "refused", r.refused.Value(),
		"uploads", r.committed.Value(), "aborted", r.aborted.Value(),
	}
	if r.sessions.Value()+r.refused.Value() > 0 {
		r.o.Log.Info("served", append(counts, attrs...)...)
	}
}
