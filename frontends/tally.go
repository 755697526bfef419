package frontends

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/tidegate/tidegate/vfs"
)

// Counts are what every frontend counts since its start.
type Counts struct {
	// Sessions are connections that were served, Logins those that got in.
	Sessions, Logins int64
	// Uploads were committed, Abandoned were not.
	Uploads, Abandoned int64
	// TurnedAway are connections that were not served.
	TurnedAway int64
}

// Tally does the counting. Its methods may be called at the same time.
type Tally struct{ sessions, logins, uploads, abandoned atomic.Int64 }

// Session counts and logs a connection that is served from now on.
func (t *Tally) Session(log *slog.Logger) {
	t.sessions.Add(1)
	log.Debug("session begins")
}

// Login counts and logs a login that succeeded; more are further attributes.
func (t *Tally) Login(log *slog.Logger, more ...any) {
	t.logins.Add(1)
	log.Info("logged in", more...)
}

// Observer counts the uploads that are committed, and logs every event.
func (t *Tally) Observer(log *slog.Logger) vfs.Observer {
	tell := logEvents(log)
	return func(ctx context.Context, e vfs.Event) {
		if e.Op == "write" && e.Err == nil {
			t.uploads.Add(1)
		}
		tell(ctx, e)
	}
}

// Abandon counts an upload that is not committed, and writes the one warning
// about it. setting, when not "", would have accepted it.
func (t *Tally) Abandon(log *slog.Logger, path string, bytes int64, reason error, setting string) {
	t.abandoned.Add(1)
	attrs := []any{"path", path, "bytes", bytes, "reason", reason.Error()}
	if setting != "" {
		attrs = append(attrs, "setting", setting)
	}
	log.Warn("upload abandoned", attrs...)
}

// Counts returns the counts so far, of which turnedAway is the caller's.
func (t *Tally) Counts(turnedAway int64) Counts {
	return Counts{
		Sessions: t.sessions.Load(), Logins: t.logins.Load(), TurnedAway: turnedAway,
		Uploads: t.uploads.Load(), Abandoned: t.abandoned.Load(),
	}
}

// Log writes, at the end of a frontend, what was counted; more are further
// attributes. A frontend that nobody came to has nothing to say, such as one of a
// start that failed.
func (c Counts) Log(log *slog.Logger, more ...any) {
	if c == (Counts{}) {
		return
	}
	log.Info("served", append([]any{
		"sessions", c.Sessions, "logins", c.Logins, "turned_away", c.TurnedAway, "uploads", c.Uploads, "abandoned", c.Abandoned,
	}, more...)...)
}
