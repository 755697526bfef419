package gateway

import (
	"crypto/tls"
	"slices"
	"time"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/expiry"
)

// expiring returns everything in the current configuration that expires at a known time, such
// as certificates.
func (g *Gateway) expiring() []expiry.Thing {
	var all []expiry.Thing
	for _, s := range g.servers.get() {
		if e, ok := s.Server.(frontends.Expiring); ok {
			all = append(all, owned("frontend", s.Name, e.Expiring())...)
		}
	}
	generation := g.inForce.get()
	for _, b := range generation.Backends {
		if e, ok := b.body.(backends.Expiring); ok {
			all = append(all, owned("backend", b.Name, e.Expiring())...)
		}
	}
	return append(all, generation.expiring...)
}

// owned returns things with their owner.
func owned(kind, name string, things []expiry.Thing) []expiry.Thing {
	for i := range things {
		things[i].Owner = expiry.Owner{Kind: kind, Name: name}
	}
	return things
}

// expiringOf returns everything in a configuration that expires, except in its frontends and
// backends.
func expiringOf(c *config.Config) []expiry.Thing {
	var all []expiry.Thing
	for _, a := range c.Authorities {
		if a.CertFile == "" {
			continue
		}
		// It was read before. What has gone wrong since is an error of the next reload.
		if own, err := tls.LoadX509KeyPair(a.CertFile, a.KeyFile); err == nil {
			all = append(all, owned("auth", "http."+a.Name, expiry.ChainOf(own.Certificate, "cert_file"))...)
		}
	}
	for _, t := range c.Tenants {
		var things []expiry.Thing
		planned := func(what, name, setting string, ends time.Time) {
			if !ends.IsZero() {
				things = append(things, expiry.Thing{What: what, Name: name, Setting: setting, Ends: ends, Planned: true})
			}
		}
		for _, k := range t.Authorities {
			planned(expiry.Key, k.String(), "trusted_user_ca_keys", k.Until())
		}
		for _, u := range t.Users {
			if u.Disabled {
				continue
			}
			planned(expiry.User, u.Name, "expires", u.Expires)
			planned(expiry.Password, u.Name, "password_max_age_days", u.PasswordExpires)
			for _, k := range u.Keys {
				planned(expiry.Key, u.Name+" "+k.String(), "authorized_keys", k.Until())
			}
		}
		all = append(all, owned("tenant", t.Name, things)...)
	}
	return slices.Clip(all)
}
