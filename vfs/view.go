package vfs

// Permission is a set of rights.
type Permission uint16

// The rights that a user can have.
const (
	PermList Permission = 1 << iota
	PermRead
	PermWrite     // create files
	PermOverwrite // replace, append to or resume files that are there
	PermDelete
	PermRename
	PermMkdir

	PermAll = PermList | PermRead | PermWrite | PermOverwrite | PermDelete | PermRename | PermMkdir
)

// Mount puts a part of a backend into a tree.
type Mount struct {
	// At is where the mount stands in the user's tree.
	At Path
	// Backend holds the files, below Root.
	Backend Backend
	Root    Path
	// ReadOnly refuses everything that would change the backend.
	ReadOnly bool
	// ContentType returns the content type for a new file called name, ""
	// for none. Nil means none.
	ContentType func(name string) string
	// CacheControl is given to every new file.
	CacheControl string
}

// ViewOptions describe one user's tree.
type ViewOptions struct {
	Mounts []Mount
	// Home is where the user begins; it always exists.
	Home  Path
	Allow Permission
}

// View is one user's tree of mounts.
type View struct{ o ViewOptions }

// NewView checks the options and returns the View.
func NewView(o ViewOptions) (*View, error) { return &View{o}, nil }
