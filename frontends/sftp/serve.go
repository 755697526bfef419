package sftp

import (
	"github.com/tidegate/tidegate/vfs"
)

// read takes the client's packets, one after the other, until the end. A WRITE
// is worked off here, so that its bytes are copied once; everything else goes to
// a lane. It returns io.EOF when the client has said that this was all.
func (s *session) read() error {
	for {
		if !s.in.ready() {
			if err := s.out.flush(); err != nil {
				return err
			}
		}
		open := s.anyOpen()
		s.in.much = s.in.much && open
		kind, n, err := s.in.next(open)
		if err != nil {
			return err
		}
		s.moved(1)
		if kind == typeWrite {
			err = s.write(n)
		} else {
			err = s.dispatch(kind, n)
		}
		if err != nil {
			s.moved(-1) // nobody answers it
			return err
		}
	}
}

// write works off a WRITE of n bytes (draft 02, 6.4).
func (s *session) write(n int) error {
	front, err := s.in.front(min(n, 4+4+maxHandle+8+4))
	if err != nil {
		return err
	}
	f := &fields{rest: front}
	id, name, off, size := f.uint32(), f.string(), f.uint64(), f.uint32()
	if f.bad || uint64(size) > uint64(n-len(front)+len(f.rest)) {
		return errPacket
	}
	s.in.take(len(front) - len(f.rest))
	reply := s.guard(id, func() []byte {
		file, ok := s.find(name).(*file)
		if !ok {
			return statusPacket(id, codeFailure, badHandle)
		}
		// What was asked of it before may have to come before.
		file.lane.settle()
		err := file.write(off, int(size))
		if !s.in.much && file.up != nil && file.up.much() {
			s.in.much = true
			s.srv.buffers.load()
		}
		return status(id, err)
	})
	// What was refused, or follows the data, is of no use.
	if err := s.in.skip(); err != nil {
		return err
	}
	return s.out.hold(reply)
}

// guard runs do, which answers the request id. A panic is a failure, and ends
// the session alone.
func (s *session) guard(id uint32, do func() []byte) (reply []byte) {
	if !s.contained(func() { reply = do() }) {
		return status(id, vfs.NewError(vfs.KindInternal, nil))
	}
	return reply
}

// dispatch gives a request to its lane.
func (s *session) dispatch(kind byte, n int) error {
	body, err := s.in.front(n)
	if err != nil {
		return err
	}
	r, err := parseRequest(kind, body)
	s.in.take(n)
	switch {
	case err != nil:
		return err
	case kind == typeInit:
		return s.out.send(versionPacket(), 1)
	case !r.onHandle():
		s.names.add(r)
		return nil
	}
	h := s.find(r.handle)
	if kind == typeClose {
		h = s.take(r.handle)
	}
	if h == nil {
		return s.out.send(statusPacket(r.id, codeFailure, badHandle), 1)
	}
	if r.source != "" {
		r.from, _ = s.find(r.source).(*file)
	}
	h.add(r)
	return nil
}
