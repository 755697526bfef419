package wire

// Request is what a client asks for, with the fields of all types but WRITE,
// whose data are not copied: see ParseWrite.
type Request struct {
	Type Type
	ID   uint32
	// Extended is the name of an extended request.
	Extended string
	// Path, Target (of RENAME and SYMLINK) and Handle are as they were sent.
	Path, Target, Handle string
	// Flags are those of OPEN. Attributes of an OPEN are not read.
	Flags uint32
	// Offset and Length are those of READ; Source, Offset, CopyLength and At those
	// of copy-data, which reads from Source and writes to Handle.
	Offset         uint64
	Length         uint32
	Source         string
	CopyLength, At uint64
	// Attributes are those of SETSTAT, FSETSTAT and lsetstat, and AttributesErr is
	// what is wrong with them: a malformed request in a packet that is sound.
	Attributes    Attributes
	AttributesErr error
}

// ParseRequest reads the body of a request that is no WRITE. The error is
// ErrMalformed when it lacks what its type demands. Of types and extensions that
// are not known only the id and the name are read.
func ParseRequest(t Type, body []byte) (Request, error) {
	f := &Fields{Rest: body}
	r := Request{Type: t, ID: f.Uint32()}
	switch t {
	case TypeOpen:
		r.Path, r.Flags = f.Text(), f.Uint32()
	case TypeClose, TypeFstat, TypeReaddir:
		r.Handle = f.Text()
	case TypeRead:
		r.Handle, r.Offset, r.Length = f.Text(), f.Uint64(), f.Uint32()
	case TypeLstat, TypeStat, TypeOpendir, TypeRemove, TypeMkdir, TypeRmdir, TypeRealpath, TypeReadlink:
		r.Path = f.Text()
	case TypeSetstat:
		r.Path = f.Text()
		r.readAttributes(f)
	case TypeFsetstat:
		r.Handle = f.Text()
		r.readAttributes(f)
	case TypeRename, TypeSymlink:
		r.Path, r.Target = f.Text(), f.Text()
	case TypeExtended:
		r.Extended = f.Text()
		r.readExtended(f)
	default: // the id is all that is known of it
	}
	if f.Bad {
		return r, ErrMalformed
	}
	return r, nil
}

func (r *Request) readAttributes(f *Fields) {
	if !f.Bad {
		r.Attributes, r.AttributesErr = ParseAttributes(f.Rest)
	}
}

func (r *Request) readExtended(f *Fields) {
	switch r.Extended {
	case PosixRename:
		r.Path, r.Target = f.Text(), f.Text()
	case StatVFS:
		r.Path = f.Text()
	case Fsync:
		r.Handle = f.Text()
	case CopyData:
		r.Source, r.Offset, r.CopyLength = f.Text(), f.Uint64(), f.Uint64()
		r.Handle, r.At = f.Text(), f.Uint64()
	case Lsetstat:
		r.Path = f.Text()
		r.readAttributes(f)
	}
}

// OnHandle reports whether the request is about a handle.
func (r *Request) OnHandle() bool {
	switch r.Type {
	case TypeClose, TypeRead, TypeFstat, TypeFsetstat, TypeReaddir:
		return true
	case TypeExtended:
		return r.Extended == Fsync || r.Extended == CopyData
	default:
		return false
	}
}

// Write is a WRITE without its data (draft 02, 6.4).
type Write struct {
	ID     uint32
	Handle string
	Offset uint64
	// Length is how many bytes of data follow.
	Length int
}

// MaxWriteHead is how long the part of a WRITE before its data is at most.
const MaxWriteHead = 4 + 4 + MaxHandle + 8 + 4

// ParseWrite reads what stands before the data of a WRITE. front are the first
// bytes of the body, up to MaxWriteHead, and length is the length of the body. It
// returns how many bytes of front it has read.
func ParseWrite(front []byte, length int) (w Write, n int, err error) {
	f := Fields{Rest: front}
	w.ID, w.Handle, w.Offset = f.Uint32(), f.Text(), f.Uint64()
	size := f.Uint32()
	n = len(front) - len(f.Rest)
	if f.Bad || uint64(size) > uint64(length-n) {
		return w, n, ErrMalformed
	}
	w.Length = int(size)
	return w, n, nil
}
