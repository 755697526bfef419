package config

import (
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/accesslog"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/guessing"
	"github.com/tidegate/tidegate/internal/limits"
	"github.com/tidegate/tidegate/internal/notify"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
)

// Config is a whole configuration, checked and complete with defaults. It does not change
// after Load.
type Config struct {
	Node      Node
	Start     Start
	Transfers Transfers
	// Backends, Frontends and Tenants have the order of the sources.
	Backends  []*Backend
	Frontends []*Frontend
	Tenants   []*Tenant
	// Authorities are the external services that tenants refer to.
	Authorities []*Authority
	// Events are the receivers of events.
	Events []*Event
	Log    Log
	// Trace is of the block log.
	Trace Trace
	// Tracing is nil where no session is traced.
	Tracing *Tracing
	// AccessLogs are the access logs, then the audits. Appended are their files.
	AccessLogs []accesslog.Options
	Appended   []Appended
	// Guessing says what happens after many wrong passwords.
	Guessing guessing.Settings
	Reload   Reload
	// Files are the users files and the files of the function file() that it was made of.
	Files []File
}

// Appended is a file that the process appends to.
type Appended struct {
	Path string
	// Rotates says that the process renames it.
	Rotates bool
	// At is the place of the path.
	At hcl.Range
}

// Node holds the settings that differ between nodes.
type Node struct {
	// Name is an attribute of every line of the log.
	Name string
}

// Transfers bounds all transfers together.
type Transfers struct {
	// Memory is the budget of the whole process, in bytes.
	Memory int64
	// DrainDelay is how long the listeners stay open after the stop has been requested.
	DrainDelay time.Duration
	// Grace is how long running transfers may continue after that.
	Grace time.Duration
	// AzureScheduledEvents is true when the process drains for events that Azure has
	// scheduled for its machine.
	AzureScheduledEvents bool
}

// Backend is one store.
type Backend struct {
	Type, Name string
	// Config is a backends.Config.
	Config Body
	// At is the place of the block's header.
	At hcl.Range
}

// Frontend is one server.
type Frontend struct {
	Type, Name string
	// Config is a frontends.Config.
	Config Body
	// At is the place of the block's header.
	At hcl.Range
}

// Event is a receiver of events.
type Event struct {
	Type, Name string
	Settings   notify.Settings
	// Config is an events.Config.
	Config Body
	// At is the place of the block's header.
	At hcl.Range
}

// Tenant is a group of users that share mounts.
type Tenant struct {
	Name   string
	Mounts []Mount
	Users  []User
	// Hosts are host names that belong to the tenant alone.
	Hosts []string
	// Authority decides about logins of other users. Nil is none.
	Authority *Authority
	answering *answering
	// Authorities sign certificates for the users. Revoked holds the keys that are no
	// longer accepted.
	Authorities []auth.Key
	Revoked     auth.Revoked
	// Limits are for all users together.
	Limits limits.Limits
	// Networks, when there are any, are the only networks that users may log in from.
	Networks []netip.Prefix
}

// Mount makes a directory of a store appear in the tree of a tenant's users.
type Mount struct {
	At vfs.Path
	// Backend is an element of Config.Backends, Path a directory in it.
	Backend  *Backend
	Path     vfs.Path
	ReadOnly bool
	// RequireParents refuses to create an entry in a directory that does not exist.
	RequireParents bool
	// CacheControl is the Cache-Control header of new files, "" for none.
	CacheControl string
	// ContentTypes maps extensions, in lower case and without the dot, to the content types
	// of new files.
	ContentTypes map[string]string
}

// User is one login.
type User struct {
	Name         string
	PasswordHash Secret
	// Disabled users cannot log in.
	Disabled bool
	// Expires is when the user cannot log in any more, zero for never.
	Expires time.Time
	// PasswordExpires is when the password does not let the user in any more, zero for never.
	PasswordExpires time.Time
	// Protocols, when there are any, are the only protocols that the user may log in by: words
	// of package auth.
	Protocols []string
	// OnChange is how the sessions of the user end when it is removed, disabled or expired, or
	// when its credentials or rights change.
	OnChange tenant.Urgency
	// Keys are the user's own. The tenant's authorities are added to them.
	Keys []auth.Key
	// Principals are the names that identify the user in certificates: a certificate must have
	// one of them. Without Principals, it must have one of the user's logins.
	Principals []string
	// Factors say which of password and key a login needs.
	Factors auth.Factors
	// Root is a path among the tenant's mounts, Home one below it.
	Root  vfs.Path
	Home  vfs.Path
	Allow vfs.Permission
	// Paths replace Allow at some paths below Root.
	Paths []vfs.PathRule
	Names vfs.NameRules
	// Networks, when there are any, are the only networks that the user may log in from.
	Networks []netip.Prefix
	// Limits are for all sessions of the user, within those of the tenant.
	Limits limits.Limits
	// Uploads says which irregular uploads of this user's clients are committed.
	Uploads tenant.UploadPolicy
	// Dialect adapts FTP to this user's clients.
	Dialect tenant.Dialect
}

// Log says what is logged, and how.
type Log struct {
	Level slog.Level
	// Format is how lines are written.
	Format LogFormat
}

// Trace says whose sessions are in the log as a whole.
type Trace struct {
	// Networks are those of clients.
	Networks []netip.Prefix
	// Logins are names of users, alone or as TENANT/USER, in lower case.
	Logins []string
}

// LogFormat is how the lines of the log are written.
type LogFormat string

// The formats.
const (
	LogAuto LogFormat = "auto" // text on a terminal, JSON elsewhere
	LogJSON LogFormat = "json" // one JSON object a line
	LogText LogFormat = "text" // for people
)

// Servable reports why a correct configuration would serve nothing. sources are those that
// it was loaded from.
func (c *Config) Servable(sources []Source) hcl.Diagnostics {
	at := whole("configuration")
	if len(sources) > 0 {
		at.Filename = sources[0].Name
	}
	var diags hcl.Diagnostics
	if !slices.ContainsFunc(c.Frontends, forUsers) {
		diags = append(diags, Problem(at, "No frontend",
			`Nothing would be served. Write a block such as: frontend "ftp" "public" { listen = "0.0.0.0:21" }`))
	}
	users := 0
	for _, t := range c.Tenants {
		users += len(t.Users)
		if t.Authority != nil {
			users++
		}
	}
	if users == 0 {
		diags = append(diags, Problem(at, "No user",
			`No user could log in. Write a block such as: tenant "contoso" { mount "/" { … } user "camera-01" { … } }`))
	}
	return diags
}
