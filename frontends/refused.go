package frontends

import (
	"log/slog"
	"net/netip"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/clientaddr"
	"github.com/tidegate/tidegate/internal/loglimit"
)

// RefusedLogins writes the lines about logins that are refused: one for the first
// of a client address, then once a minute how many followed. Its methods may be
// called at the same time.
type RefusedLogins struct {
	limit *loglimit.Limiter[netip.Prefix]
}

// NewRefusedLogins returns RefusedLogins of a frontend. Close follows.
func NewRefusedLogins(log *slog.Logger) *RefusedLogins {
	return &RefusedLogins{loglimit.New(func(from netip.Prefix, count int, last string) {
		addr := "others"
		if from.IsValid() {
			addr = from.String()
		}
		log.Warn("more logins refused", "count", count, "network", addr, "last_login", last)
	})}
}

// Note is about one login, in the log of its session. What no login can be is
// written shortened, with its length.
func (r *RefusedLogins) Note(log *slog.Logger, from netip.Addr, login, method string, err error) {
	shown := login[:min(len(login), auth.MaxLoginBytes)]
	attrs := []any{"login", shown, "method", method, "err", err}
	if len(shown) < len(login) {
		attrs = append(attrs, "login_bytes", len(login))
	}
	if r.limit.Note(clientaddr.Network(from), shown) {
		log.Warn("login refused", attrs...)
	} else {
		log.Debug("login refused", attrs...)
	}
}

// Close writes what was only counted. No login follows.
func (r *RefusedLogins) Close() { r.limit.Close() }
