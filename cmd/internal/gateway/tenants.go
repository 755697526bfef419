package gateway

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/limits"
	"github.com/tidegate/tidegate/internal/mediatype"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
)

// makeTenants makes the tenants of a configuration, with their mounts in the open stores,
// and an account for each user. changed is called after each change. Their limits are in force only after process.setLimits.
func makeTenants(c *config.Config, open []*Backend, registry *limits.Registry, changed vfs.Notify) ([]*tenant.Tenant, []auth.Account, error) {
	stores := make(map[string]vfs.Backend, len(open))
	for _, b := range open {
		stores[b.Name] = b.Backend
	}
	var tenants []*tenant.Tenant
	var accounts []auth.Account
	for _, t := range c.Tenants {
		made := &tenant.Tenant{Name: t.Name}
		for _, m := range t.Mounts {
			mount, err := makeMount(m, backendName(m.Backend), stores[backendName(m.Backend)])
			if err != nil {
				return nil, nil, fmt.Errorf("mount %s of tenant %q: %w", m.At, t.Name, err)
			}
			made.Mounts = append(made.Mounts, mount)
		}
		for i := range t.Users {
			u := &t.Users[i]
			limited := registry.Account(t.Name, u.Name)
			view, err := vfs.NewView(viewOptions(made, u, limited, changed))
			if err != nil {
				return nil, nil, fmt.Errorf("user %q of tenant %q: %w", u.Name, t.Name, err)
			}
			user := &tenant.User{Tenant: made, Name: u.Name, View: view, Limits: limited, Uploads: u.Uploads, Dialect: u.Dialect}
			made.Users = append(made.Users, user)
			accounts = append(accounts, account(t, u, user))
		}
		tenants = append(tenants, made)
	}
	return tenants, accounts, nil
}

// viewOptions describe the user's tree.
func viewOptions(of *tenant.Tenant, u *config.User, limited *limits.Account, changed vfs.Notify) vfs.ViewOptions {
	return vfs.ViewOptions{
		Mounts: of.Mounts, Root: u.Root, Home: u.Home, Allow: u.Allow, Paths: u.Paths, Names: u.Names, Limiter: limited,
		Notify: changed,
	}
}

// setLimits makes the limits of a configuration, also those of guessing, and the clients to
// trace the ones in force.
func (p *process) setLimits(c *config.Config) {
	all := map[limits.Owner]limits.Limits{}
	for _, t := range c.Tenants {
		all[limits.Owner{Tenant: t.Name}] = t.Limits
		for i := range t.Users {
			all[limits.Owner{Tenant: t.Name, User: t.Users[i].Name}] = t.Users[i].Limits
		}
	}
	p.limits.Set(all)
	p.guesses.Set(c.Guessing)
	p.observe.Trace.Set(observe.Traced{Networks: c.Trace.Networks, Logins: c.Trace.Logins})
}

// account returns the account of a user: the credentials, and the user's tree.
func account(t *config.Tenant, u *config.User, to *tenant.User) auth.Account {
	return auth.Account{
		Tenant:       t.Name,
		Name:         u.Name,
		PasswordHash: u.PasswordHash.Reveal(),
		Keys:         slices.Concat(u.Keys, t.Authorities),
		Principals:   u.Principals,
		Revoked:      t.Revoked,
		Factors:      u.Factors,
		Disabled:     u.Disabled,
		Expires:      u.Expires,
		Protocols:    u.Protocols,

		PasswordExpires: u.PasswordExpires,

		TenantNetworks: t.Networks,

		Networks: u.Networks,
		User:     to,
	}
}

func makeMount(m config.Mount, name string, store vfs.Backend) (vfs.Mount, error) {
	store, root, err := confined(store, m.Path)
	return vfs.Mount{
		At:           m.At,
		Backend:      store,
		Name:         name,
		Root:         root,
		ReadOnly:     m.ReadOnly,
		ContentType:  contentType(m.ContentTypes),
		CacheControl: m.CacheControl,

		RequireParents: m.RequireParents,
	}, err
}

// confined returns the store of a mount and the directory in it. In a store with links it
// returns a store whose root is that directory, so that no link leads to another tenant's
// files.
func confined(store vfs.Backend, at vfs.Path) (vfs.Backend, vfs.Path, error) {
	c, links := store.(vfs.Confiner)
	if !links || at.IsRoot() {
		return store, at, nil
	}
	inner, err := c.Confine(at)
	return inner, vfs.Path{}, err
}

// contentType returns a function that finds the content type of a file by its name: first
// by the given extensions, then by the built-in table.
func contentType(byExtension map[string]string) func(name string) string {
	return func(name string) string {
		if dot := strings.LastIndexByte(name, '.'); dot > 0 {
			if t, ok := byExtension[strings.ToLower(name[dot+1:])]; ok {
				return t
			}
		}
		return mediatype.ByName(name)
	}
}
