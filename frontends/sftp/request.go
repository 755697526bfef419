package sftp

import (
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// request is a request of the client's, but for WRITE, whose data are taken from
// the receive buffer: see session.write.
type request struct {
	wire.Request
	// paths are those of a request about names: Path, and Target of a rename.
	// pathErr says why one of them is none.
	paths   []vfs.Path
	pathErr error
	// from is what copy-data reads from.
	from handle
	// turn is the place in the order of a request that has one.
	turn *turn
}

// cost is what a request takes while it waits, in bytes: about its own size, that
// of its texts, and its place in the order.
func (r *request) cost() int {
	n := 128 + len(r.Path) + len(r.Target) + len(r.Extended) + len(r.Handle)
	if !r.OnHandle() {
		n += 256
	}
	return n
}

// parsePaths reads the paths of a request about names, as the client means them.
func (r *request) parsePaths(home vfs.Path) {
	p, err := vfs.ParsePath(home, r.Path)
	if err != nil {
		r.pathErr = err
		return
	}
	r.paths = []vfs.Path{p}
	if r.Type != wire.TypeRename && r.Extended != wire.PosixRename {
		return
	}
	to, err := vfs.ParsePath(home, r.Target)
	if err != nil {
		r.pathErr = err
		return
	}
	r.paths = append(r.paths, to)
}
