package listen

import (
	"log/slog"
	"net"
	"sync/atomic"

	"github.com/tidegate/tidegate/internal/loglimit"
)

// Refusal is why connections are turned away, in the words of the log, and the
// setting that decides it.
type Refusal struct{ Reason, Setting string }

// refusals are the connections that were turned away.
type refusals struct {
	log   *slog.Logger
	total atomic.Int64
	limit *loglimit.Limiter[Refusal]
}

func newRefusals(log *slog.Logger) *refusals {
	return &refusals{log: log, limit: loglimit.New(func(why Refusal, count int, last string) {
		log.Warn("more sessions refused", "count", count, "last", last, "reason", why.Reason, "setting", why.Setting)
	})}
}

// note writes a line for the first connection that is turned away for a reason,
// and counts those that follow it: a flood must not fill the log.
func (r *refusals) note(why Refusal, c net.Conn, err error) {
	r.total.Add(1)
	remote := c.RemoteAddr().String()
	attrs := []any{"remote", remote, "reason", why.Reason, "setting", why.Setting}
	if err != nil {
		attrs = append(attrs, "err", err)
	}
	if r.limit.Note(why, remote) {
		r.log.Warn("session refused", attrs...)
	} else {
		r.log.Debug("session refused", attrs...)
	}
}
