package config

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
)

// Config is a whole configuration, checked and complete with defaults. Nobody
// changes it after Load.
type Config struct {
	Node      Node
	Transfers Transfers
	// Backends, Frontends and Tenants stand in the order of the sources.
	Backends  []*Backend
	Frontends []*Frontend
	Tenants   []*Tenant
	Log       Log
}

// Node is what differs from one node to the next.
type Node struct {
	// Name stands in every line of the log.
	Name string
}

// Transfers bounds all transfers together.
type Transfers struct {
	// Memory is the budget of the whole process, in bytes.
	Memory int64
	// Grace is how long running transfers may go on after the stop.
	Grace time.Duration
}

// Backend is one store.
type Backend struct {
	Type, Name string
	// Config is a backends.Config.
	Config Body
}

// Frontend is one server.
type Frontend struct {
	Type, Name string
	// Config is a frontends.Config.
	Config Body
}

// Tenant is a group of users that share mounts.
type Tenant struct {
	Name   string
	Mounts []Mount
	Users  []User
	// Authorities sign certificates for the users, Revoked are keys that
	// count no more.
	Authorities []auth.Key
	Revoked     auth.Revoked
}

// Mount puts a part of a store into the tree of a tenant's users.
type Mount struct {
	At vfs.Path
	// Backend is an element of Config.Backends, Path a directory in it.
	Backend  *Backend
	Path     vfs.Path
	ReadOnly bool
	// RequireParents refuses what would make a directory on its way.
	RequireParents bool
	// CacheControl is what new files are marked with, "" for nothing.
	CacheControl string
	// ContentTypes maps extensions, in lower case and without the dot, to
	// what new files with it are marked with.
	ContentTypes map[string]string
}

// User is one login.
type User struct {
	Name         string
	PasswordHash Secret
	// Keys are the user's own; the tenant's authorities come to them.
	Keys []auth.Key
	// Principals are what a certificate must name one of, if not the user.
	Principals []string
	// Factors say which of password and key it takes.
	Factors auth.Factors
	Home    vfs.Path
	Allow   vfs.Permission
	// Networks, when there are any, are the only ones to log in from.
	Networks []netip.Prefix
	// Uploads says what is tolerated of the uploads of this user's clients.
	Uploads tenant.UploadPolicy
	// Dialect says how FTP is spoken with this user's clients.
	Dialect tenant.Dialect
}

// Log says what is logged, and how.
type Log struct {
	Level slog.Level
	// JSON asks for one JSON object a line instead of text.
	JSON bool
}

// Servable reports what keeps a correct configuration from being of any use.
// sources are those that it was loaded from.
func (c *Config) Servable(sources []Source) hcl.Diagnostics {
	at := whole("configuration")
	if len(sources) > 0 {
		at.Filename = sources[0].Name
	}
	var diags hcl.Diagnostics
	if len(c.Frontends) == 0 {
		diags = append(diags, Problem(at, "No frontend",
			`Nothing would be served. Write a block such as: frontend "ftp" "public" { listen = "0.0.0.0:21" }`))
	}
	users := 0
	for _, t := range c.Tenants {
		users += len(t.Users)
	}
	if users == 0 {
		diags = append(diags, Problem(at, "No user",
			`Nobody could log in. Write a block such as: tenant "contoso" { mount "/" { … } user "camera-01" { … } }`))
	}
	return diags
}
