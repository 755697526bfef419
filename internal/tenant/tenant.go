package tenant

import (
	"github.com/tidegate/tidegate/internal/charset"
	"github.com/tidegate/tidegate/vfs"
)

// Tenant is a group of users that share mounts and see nothing else.
type Tenant struct {
	// Name is unique in a configuration; case does not matter.
	Name string
	// Mounts are the parts of the tree that all its users share.
	Mounts []vfs.Mount
	Users  []*User
}

// User is one user of a Tenant.
type User struct {
	// Tenant is nil for a user that stands alone, as in tests.
	Tenant *Tenant
	// Name is unique in the Tenant.
	Name string
	// View is the tree that the user sees.
	View *vfs.View
	// Uploads says what is tolerated of the uploads of this user's clients.
	Uploads UploadPolicy
	// Dialect says how FTP is spoken with this user's clients.
	Dialect Dialect
}

// UploadPolicy says which abort conditions of an upload are ignored. The zero value
// ignores none but those that real clients cannot avoid.
type UploadPolicy struct {
	// CommitOnControlLost commits an upload whose data ended in order although
	// the control connection was lost: for devices that close everything
	// without waiting for the 226.
	CommitOnControlLost bool
	// IgnoreAllo commits an upload that is shorter than ALLO announced.
	IgnoreAllo bool
	// RefuseResume refuses to continue a file that exists.
	RefuseResume bool
	// RequireCloseNotify aborts an upload over TLS whose data connection ended
	// without close_notify.
	RequireCloseNotify bool
}

// Dialect is what old FTP clients need to understand the server. The zero value is
// what all others speak.
type Dialect struct {
	// DOSList formats lines of LIST as IIS does, and not as ls.
	DOSList bool
	// ConvertASCII converts ends of line in TYPE A.
	ConvertASCII bool
	// Charset is that of names, until a client asks for UTF-8. Nil is UTF-8.
	Charset *charset.Charset
}
