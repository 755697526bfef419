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

// requestBytes is the size of a request, and nameBytes that of its place in the order.
const requestBytes, nameBytes = 256, 256

// cost is what a request takes while it waits, in bytes.
func (r *request) cost() int {
	n := requestBytes + len(r.Extended) + len(r.Handle)
	if !r.OnHandle() {
		n += nameBytes
	}
	for _, p := range r.paths {
		n += len(p.String())
	}
	return n
}

// parsePaths reads the paths of a request about names, as the client means them. What was
// sent is dropped: it may be much longer than a path can be.
func (r *request) parsePaths(home vfs.Path) {
	defer func() { r.Path, r.Target = "", "" }()
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
