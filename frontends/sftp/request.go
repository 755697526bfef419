package sftp

// The extended requests that are known (OpenSSH's PROTOCOL, 4).
const (
	posixRename = "posix-rename@openssh.com"
	statVFS     = "statvfs@openssh.com"
	fsync       = "fsync@openssh.com"
	lsetstat    = "lsetstat@openssh.com"
	limits      = "limits@openssh.com"
	copyData    = "copy-data"
)

// request is what a client asks, but for WRITE, whose data are taken from the
// inbox: see write.
type request struct {
	kind byte
	id   uint32
	// extended is the name of an extended request.
	extended string
	// path and target are as they were sent, and handle.
	path, target string
	handle       string
	// flags are those of OPEN.
	flags uint32
	// off and n are those of READ; off, length and at those of copy-data, which
	// reads from another handle.
	off, length, at uint64
	n               uint32
	source          string
	from            *file
	// attrs are those of SETSTAT and FSETSTAT, or what is wrong with them.
	attrs    attributes
	attrsErr error
	// commit is that of a CLOSE and an fsync of an upload.
	commit *commit
}

// cost is what a request takes while it waits, in bytes: about its own size and
// that of its texts.
func (r *request) cost() int {
	return 128 + len(r.path) + len(r.target) + len(r.extended) + len(r.handle)
}

// parseRequest reads a request that is no WRITE. An error means that it does not
// have what its type demands.
func parseRequest(kind byte, body []byte) (request, error) {
	f := &fields{rest: body}
	r := request{kind: kind, id: f.uint32()}
	switch kind {
	case typeOpen:
		// Attributes follow; a new file has ours.
		r.path, r.flags = f.string(), f.uint32()
	case typeClose, typeFstat, typeReaddir:
		r.handle = f.string()
	case typeRead:
		r.handle, r.off, r.n = f.string(), f.uint64(), f.uint32()
	case typeLstat, typeStat, typeOpendir, typeRemove, typeMkdir, typeRmdir, typeRealpath, typeReadlink:
		r.path = f.string()
	case typeSetstat:
		r.path = f.string()
		r.readAttributes(f)
	case typeFsetstat:
		r.handle = f.string()
		r.readAttributes(f)
	case typeRename, typeSymlink:
		r.path, r.target = f.string(), f.string()
	case typeExtended:
		r.extended = f.string()
		r.readExtended(f)
	}
	if f.bad {
		return r, errPacket
	}
	return r, nil
}

// readAttributes reads attributes. What is wrong inside of them is an error of
// the request.
func (r *request) readAttributes(f *fields) {
	if !f.bad {
		r.attrs, r.attrsErr = parseAttributes(f.rest)
	}
}

// readExtended reads what follows the name of an extended request. Of one that
// is not known nothing is read.
func (r *request) readExtended(f *fields) {
	switch r.extended {
	case posixRename:
		r.path, r.target = f.string(), f.string()
	case statVFS:
		r.path = f.string()
	case fsync:
		r.handle = f.string()
	case copyData:
		r.source, r.off, r.length = f.string(), f.uint64(), f.uint64()
		r.handle, r.at = f.string(), f.uint64()
	case lsetstat:
		r.path = f.string()
		r.readAttributes(f)
	}
}

// onHandle reports whether the request is about a handle.
func (r *request) onHandle() bool {
	switch r.kind {
	case typeClose, typeRead, typeFstat, typeFsetstat, typeReaddir:
		return true
	case typeExtended:
		return r.extended == fsync || r.extended == copyData
	}
	return false
}
