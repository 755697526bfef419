package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/mediatype"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
)

// accounts gives each user the tree of his tenant's mounts.
func accounts(c *config.Config, stores map[*config.Backend]vfs.Backend) ([]auth.Account, error) {
	var all []auth.Account
	for _, t := range c.Tenants {
		mounts := make([]vfs.Mount, len(t.Mounts))
		for i, m := range t.Mounts {
			store, root, err := confined(stores[m.Backend], m.Path)
			if err != nil {
				return nil, fmt.Errorf("mount %s of tenant %q: %w", m.At, t.Name, err)
			}
			mounts[i] = vfs.Mount{
				At:           m.At,
				Backend:      store,
				Root:         root,
				ReadOnly:     m.ReadOnly,
				ContentType:  contentType(m.ContentTypes),
				CacheControl: m.CacheControl,

				RequireParents: m.RequireParents,
			}
		}
		of := &tenant.Tenant{Name: t.Name, Mounts: mounts}
		for _, u := range t.Users {
			view, err := vfs.NewView(vfs.ViewOptions{Mounts: mounts, Home: u.Home, Allow: u.Allow})
			if err != nil {
				return nil, fmt.Errorf("user %q of tenant %q: %w", u.Name, t.Name, err)
			}
			served := &tenant.User{Tenant: of, Name: u.Name, View: view, Uploads: u.Uploads, Dialect: u.Dialect}
			of.Users = append(of.Users, served)
			all = append(all, auth.Account{
				Tenant:       t.Name,
				Name:         u.Name,
				PasswordHash: u.PasswordHash.Reveal(),
				Keys:         slices.Concat(u.Keys, t.Authorities),
				Principals:   u.Principals,
				Revoked:      t.Revoked,
				Factors:      u.Factors,
				Networks:     u.Networks,
				User:         served,
			})
		}
	}
	return all, nil
}

// confined returns the store in which a mount lies, and where. A store with links
// gets a root of the mount's own, so that none leads to another tenant's files.
func confined(store vfs.Backend, at vfs.Path) (vfs.Backend, vfs.Path, error) {
	c, links := store.(vfs.Confiner)
	if !links || at.IsRoot() {
		return store, at, nil
	}
	inner, err := c.Confine(at)
	return inner, vfs.Path{}, err
}

// contentType returns what tells the content type of a file by its name: the
// given extensions first, then those that are known everywhere.
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
