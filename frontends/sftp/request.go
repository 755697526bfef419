package sftp

import "github.com/tidegate/tidegate/frontends/sftp/wire"

// request is a request of the client's, but for WRITE, whose data are taken from
// the receive buffer: see session.write.
type request struct {
	wire.Request
	// from is the file that copy-data reads from.
	from *file
	// commit is that of a CLOSE and an fsync of an upload.
	commit *commit
}

// cost is what a request takes while it waits, in bytes: about its own size and
// that of its texts.
func (r *request) cost() int {
	return 128 + len(r.Path) + len(r.Target) + len(r.Extended) + len(r.Handle)
}
