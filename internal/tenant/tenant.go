package tenant

import (
	"github.com/tidegate/tidegate/internal/charset"
	"github.com/tidegate/tidegate/internal/limits"
	"github.com/tidegate/tidegate/vfs"
)

// Tenant is a group of users that share mounts and see no others.
type Tenant struct {
	// Name is unique in a configuration; case does not matter.
	Name string
	// Mounts are the parts of the tree that all its users share.
	Mounts []vfs.Mount
	Users  []*User
}

// User is one user of a Tenant.
type User struct {
	// Tenant is nil for a user without one, as in tests.
	Tenant *Tenant
	// Name is unique in the Tenant.
	Name string
	// View is the tree that the user sees.
	View *vfs.View
	// Limits are those of the user and of the tenant. Nil limits nothing.
	Limits *limits.Account
	// Uploads says which irregular uploads of this user's clients are committed.
	Uploads UploadPolicy
	// Dialect adapts FTP to this user's clients.
	Dialect Dialect

	revocation revocation
}

// UploadPolicy says which abort conditions of an upload are ignored. The zero value ignores
// only those that real clients cannot avoid.
type UploadPolicy struct {
	// CommitOnControlLost commits an upload whose data ended normally when the control
	// connection is lost: for devices that close everything without waiting for the 226.
	CommitOnControlLost bool
	// IgnoreAllo commits an upload that is shorter than ALLO announced.
	IgnoreAllo bool
	// RefuseResume refuses to continue a file that exists.
	RefuseResume bool
	// RequireCloseNotify aborts an upload over TLS whose data connection ended
	// without close_notify.
	RequireCloseNotify bool
}

// Dialect has the settings for old FTP clients. The zero value is for all others.
type Dialect struct {
	// DOSList formats lines of LIST as IIS does, and not as ls.
	DOSList bool
	// ConvertASCII converts ends of line in TYPE A.
	ConvertASCII bool
	// Charset is the character set of names until a client requests UTF-8. Nil is UTF-8.
	Charset *charset.Charset
}
