package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/vfs"
)

// Methods is implemented by the Body of a frontend that does not accept every credential.
type Methods interface {
	// Accepts reports whether clients can log in with a password, and with a key.
	Accepts() (password, key bool)
}

// CertificateAsker is implemented by the Body of a frontend that can ask clients for
// certificates of TLS.
type CertificateAsker interface {
	// AsksForCertificates reports whether it does.
	AsksForCertificates() bool
}

// Speaker is implemented by the Body of a frontend that speaks one of the protocols that users
// can be limited to.
type Speaker interface {
	// Protocols returns the protocols by which clients can log in: words of package auth.
	Protocols() []string
}

// placed is a user with the places of what is judged when the frontends are known.
type placed struct {
	user *User
	of   *Tenant
	// listed is true for a user of a users file.
	listed bool
	// name and allow are the places of the name and of the rights.
	name, allow hcl.Range
}

// homes warns of users that may not list the first directory of their sessions, although they
// may read files there. A user that may only upload has a drop box, which is intended.
func homes(users []placed) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, u := range users {
		rights := homeRights(u.user)
		if u.listed || rights&vfs.PermList != 0 || rights&vfs.PermRead == 0 {
			continue
		}
		at := u.allow
		if at.Empty() {
			at = u.name
		}
		diags = append(diags, Warning(at, "Home cannot be listed",
			"FileZilla, WinSCP and other clients list the first directory after the login, and some leave when they may not. "+
				"Allow \"list\" there too, unless the clients only download by name."))
	}
	return diags
}

// homeRights returns a user's rights in the first directory of a session.
func homeRights(u *User) vfs.Permission {
	rights, deepest := u.Allow, -1
	for _, rule := range u.Paths {
		if _, inside := u.Home.Cut(rule.At); inside && rule.At.Depth() > deepest {
			rights, deepest = rule.Allow, rule.At.Depth()
		}
	}
	return rights
}

// reach warns of users whom no frontend lets in, and of frontends that let no user in.
func reach(c *Config, users []placed) hcl.Diagnostics {
	if !slices.ContainsFunc(c.Frontends, forUsers) {
		return nil // that is an error of its own
	}
	var diags hcl.Diagnostics
	for _, u := range users {
		someLetsIn := func(user *User) bool {
			return slices.ContainsFunc(c.Frontends, func(f *Frontend) bool { return letsIn(f, u.of, user) })
		}
		anywhere := *u.user
		anywhere.Protocols = nil
		switch {
		case u.user.Disabled, someLetsIn(u.user):
		case someLetsIn(&anywhere):
			diags = append(diags, Warning(u.name, "User can never log in",
				fmt.Sprintf("No frontend that serves the tenant and takes what this user logs in with speaks %s, to which protocols limits the user. "+
					"\"ftps\" needs a block tls, \"ftp\" one with mode = \"optional\" or none.", strings.Join(u.user.Protocols, " or "))))
		default:
			diags = append(diags, Warning(u.name, "User can never log in",
				"No frontend that serves the tenant takes what this user logs in with. FTP takes passwords and no keys, so it also refuses a user with login = \"key\" or \"key_and_password\". "+
					"A user with login = \"certificate\" needs client_ca_file in a block tls. "+
					"Write a block frontend \"sftp\", or give the user a password_hash with login = \"any\"."))
		}
	}
	for _, f := range c.Frontends {
		listener, ok := f.Config.(Listener)
		if !ok || !forUsers(f) || hasUser(c, f) || len(users) == 0 {
			continue
		}
		if listens := listener.Listens(); len(listens) > 0 {
			diags = append(diags, Warning(listens[0].At, "Frontend without users",
				fmt.Sprintf("No user can log in to frontend %q %q with the credentials that it takes. Remove the block, or write users with a password_hash.", f.Type, f.Name)))
		}
	}
	return diags
}

// hasUser reports whether a frontend lets any user in.
func hasUser(c *Config, f *Frontend) bool {
	return slices.ContainsFunc(c.Tenants, func(t *Tenant) bool {
		return t.Authority != nil && serves(f, t) || slices.ContainsFunc(t.Users, func(u User) bool { return letsIn(f, t, &u) })
	})
}

// letsIn reports whether a user of a tenant can log in to a frontend.
func letsIn(f *Frontend, t *Tenant, u *User) bool {
	if u.Disabled || !forUsers(f) || !serves(f, t) || !speaks(f, u.Protocols) {
		return false
	}
	password, key := true, true
	if m, ok := f.Config.(Methods); ok {
		password, key = m.Accepts()
	}
	password = password && u.PasswordHash != ""
	key = key && len(u.Keys)+len(t.Authorities) > 0
	asker, ok := f.Config.(CertificateAsker)
	certificate := ok && asker.AsksForCertificates()
	switch u.Factors {
	case auth.CertificateOnly:
		return certificate
	case auth.CertificateThenPassword:
		return certificate && password
	case auth.PasswordOnly:
		return password
	case auth.KeyOnly:
		return key
	case auth.KeyThenPassword:
		return password && key
	}
	return password || key
}

// speaks reports whether clients can log in to a frontend with one of the protocols. An empty
// list means all protocols.
func speaks(f *Frontend, protocols []string) bool {
	s, ok := f.Config.(Speaker)
	return !ok || len(protocols) == 0 || slices.ContainsFunc(s.Protocols(), func(p string) bool { return slices.Contains(protocols, p) })
}

// Announcer is implemented by the Body of a frontend that announces addresses or ports to
// clients.
type Announcer interface {
	// Announces returns the hosts that are announced, and the ports that stand for those of
	// listen.
	Announces() Announced
}

// Announced is what a frontend announces.
type Announced struct {
	// Hosts are addresses and names.
	Hosts []AnnouncedHost
	// First and Last are ports other than those of listen, 0 for none, and At is their
	// place.
	First, Last int
	At          hcl.Range
}

// AnnouncedHost is an address or a name.
type AnnouncedHost struct {
	Host string
	At   hcl.Range
	// To is the network of the clients, the zero Prefix for all.
	To netip.Prefix
}

// announced warns of addresses that clients from elsewhere cannot reach.
func announced(c *Config) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, f := range c.Frontends {
		a, ok := f.Config.(Announcer)
		listener, listens := f.Config.(Listener)
		if !ok || !listens || !public(listener) || onlyNear(c, f) {
			continue
		}
		for _, h := range a.Announces().Hosts {
			addr, err := netip.ParseAddr(h.Host)
			if err != nil || !near(addr) || h.To != (netip.Prefix{}) && near(h.To.Addr()) {
				continue
			}
			diags = append(diags, Warning(h.At, "Clients cannot reach the announced address",
				fmt.Sprintf("%s is not an address of the internet, but the frontend listens on one. Data connections of clients from elsewhere time out after PASV. "+
					"Write the address or the name by which they reach this host, and announce %s only to its own network: network \"…\" { host = %q }. "+
					"For clients of a private network only, listen on a private address, or write networks for all users.", h.Host, h.Host, h.Host)))
		}
	}
	return diags
}

// public reports whether a frontend listens on an address that is not only for this host or
// its network.
func public(l Listener) bool {
	return slices.ContainsFunc(l.Listens(), func(b Listening) bool {
		host, _, _, ok := splitListen(b.Address)
		addr, isAddr := addressOf(host)
		return ok && (!isAddr || addr.IsUnspecified() || !near(addr))
	})
}

// near reports whether an address is one of this host or of a private network.
func near(addr netip.Addr) bool {
	shared := netip.MustParsePrefix("100.64.0.0/10") // of carriers
	return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || shared.Contains(addr.Unmap())
}

// onlyNear reports whether all users of a frontend log in from private networks.
func onlyNear(c *Config, f *Frontend) bool {
	for _, t := range c.Tenants {
		for i := range t.Users {
			u := &t.Users[i]
			if letsIn(f, t, u) && (len(u.Networks) == 0 || slices.ContainsFunc(u.Networks, func(p netip.Prefix) bool { return !near(p.Addr()) })) {
				return false
			}
		}
	}
	return true
}
