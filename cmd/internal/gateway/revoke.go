package gateway

import (
	"context"
	"net/netip"
	"reflect"
	"time"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/limits"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tenant"
)

// The reasons for which the sessions of a user end. They are the reason of the line
// "session ended".
const (
	userRemoved  = "user was removed"
	userDisabled = "user was disabled"
	userExpired  = "user has expired"
	userChanged  = "credentials or rights of the user were changed"
)

// accessOf has everything of a user that decides whether and where it may log in, and what it
// may do.
type accessOf struct {
	config.User
	authorities []auth.Key
	revoked     auth.Revoked
	networks    []netip.Prefix
	mounts      []place
}

// place is a mount without the settings of new files.
type place struct {
	at, backend, path string
	readOnly          bool
}

// access returns the access of the users of a configuration.
func access(c *config.Config) map[session.User]accessOf {
	all := map[session.User]accessOf{}
	for _, t := range c.Tenants {
		var mounts []place
		for _, m := range t.Mounts {
			mounts = append(mounts, place{m.At.String(), backendName(m.Backend), m.Path.String(), m.ReadOnly})
		}
		for _, u := range t.Users {
			all[userKey(t, &u)] = accessOf{u, t.Authorities, t.Revoked, t.Networks, mounts}
		}
	}
	return all
}

func userKey(t *config.Tenant, u *config.User) session.User {
	return session.User{Tenant: auth.Fold(t.Name), Name: auth.Fold(u.Name)}
}

// same reports whether two users have the same access. Settings with which a session can
// only begin, or which change nothing about files, do not count.
func (a accessOf) same(b accessOf) bool {
	for _, one := range []*accessOf{&a, &b} {
		one.Name = ""
		one.Home = b.Home
		one.Uploads, one.Dialect = tenant.UploadPolicy{}, tenant.Dialect{}
		one.OnChange, one.Disabled, one.Expires, one.PasswordExpires = 0, false, time.Time{}, time.Time{}
		one.Limits = limits.Limits{} // they hold at once
	}
	return reflect.DeepEqual(a, b)
}

// ending returns how the sessions of a user end that has the access before, and why. now is
// its present access; ok is false when the user was removed.
func ending(before, now accessOf, ok bool, at time.Time) (tenant.Urgency, string) {
	switch {
	case !ok:
		return before.OnChange, userRemoved
	case now.Disabled:
		return now.OnChange, userDisabled
	case expired(&now.User, at):
		return now.OnChange, userExpired
	case !before.same(now):
		return now.OnChange, userChanged
	}
	return tenant.Stay, ""
}

func expired(u *config.User, at time.Time) bool { return !u.Expires.IsZero() && !at.Before(u.Expires) }

// revokeUsers ends the sessions of the users that are not in the current configuration, or
// have another access there, as their setting on_change says. It reaches sessions of all
// generations, and those that are only logging in.
func (g *Gateway) revokeUsers(at time.Time) {
	open := g.inForce.open()
	current := open[len(open)-1].access
	for _, generation := range open {
		for key, user := range generation.users {
			before := generation.access[key]
			now, ok := current[key]
			how, why := ending(before, now, ok, at)
			name := session.User{Tenant: user.Tenant.Name, Name: user.Name}
			if n := g.observe.Sessions.OfUser(name); user.Revoke(how, why) && n > 0 {
				g.log.Info("sessions of a changed user end", "tenant", name.Tenant, "user", name.Name, "reason", why, "setting", onChange(how), "sessions", n)
			}
		}
	}
}

func onChange(how tenant.Urgency) string {
	return [...]string{`on_change = "keep"`, `on_change = "end_idle"`, `on_change = "end"`}[how]
}

// expiryInterval is the longest time between two looks at the clock. The clock of the host
// may be set.
const expiryInterval = time.Minute

// endExpired ends the sessions of users when they expire, until ctx ends.
func (g *Gateway) endExpired(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-g.reloaded:
		}
		now := time.Now()
		due, next := g.inForce.get().expiries(last, now)
		if due {
			g.revokeUsers(now)
		}
		last = now
		timer.Reset(min(next, expiryInterval))
	}
}

// expiries reports whether a user has expired after the time last, and how long it is from
// now until the next one does.
func (g *Generation) expiries(last, now time.Time) (due bool, next time.Duration) {
	next = expiryInterval
	for _, a := range g.access {
		switch until := a.Expires.Sub(now); {
		case a.Expires.IsZero():
		case until > 0:
			next = min(next, until)
		case a.Expires.After(last):
			due = true
		}
	}
	return due, next
}
