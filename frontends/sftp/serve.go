package sftp

import (
	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// read takes the client's packets, one after the other, until the end. A WRITE
// is processed here, so that its bytes are copied once; everything else goes to
// a queue. It returns io.EOF when the client has said that this was all.
func (s *session) read() error {
	for {
		open := s.handles.any()
		s.in.Bulk = s.in.Bulk && open
		kind, n, err := s.in.Next(open)
		if err != nil {
			return err
		}
		s.conn.moved(1)
		s.conn.client.Asked(1)
		if kind == wire.TypeWrite {
			err = s.write(n)
		} else {
			err = s.dispatch(kind, n)
		}
		if err != nil {
			s.conn.moved(-1) // it is not answered
			return err
		}
	}
}

// write processes a WRITE of n bytes (draft 02, 6.4).
func (s *session) write(n int) error {
	front, err := s.in.Peek(wire.MaxWriteHead)
	if err != nil {
		return err
	}
	w, head, err := wire.ParseWrite(front, n)
	if err != nil {
		return err
	}
	s.in.Discard(head)
	if s.conn.isTraced() {
		traced := w // only this one is allocated
		s.conn.traceRequest(&traced)
	}
	reply := s.guard(w.ID, func() []byte {
		file, ok := s.handles.find(w.Handle).(*file)
		if !ok {
			return wire.Status(w.ID, wire.Failure, badHandle)
		}
		// What was asked of it before may have to come before.
		file.queue.settle()
		err := file.write(w.Offset, w.Length)
		if !s.in.Bulk && file.up != nil && file.up.isBulk() {
			s.in.Bulk = true
		}
		reply := status(w.ID, err)
		noteWrite(s, file.path, reply)
		return reply
	})
	// What was refused, or follows the data, is of no use.
	if err := s.in.Skip(); err != nil {
		return err
	}
	return s.out.hold(reply)
}

// dispatch gives a request to its queue.
func (s *session) dispatch(kind wire.Type, n int) error {
	body, err := s.in.Peek(n)
	if err != nil {
		return err
	}
	asked, err := wire.ParseRequest(kind, body)
	s.in.Discard(n)
	r := request{Request: asked}
	if s.conn.isTraced() {
		traced := asked
		s.conn.traceRequest(&traced)
	}
	switch {
	case err != nil:
		return err
	case kind == wire.TypeInit:
		return s.out.send(versionPacket(), 1)
	case !r.OnHandle():
		s.names.add(r)
		return nil
	}
	h := s.handles.find(r.Handle)
	if kind == wire.TypeClose {
		h = s.handles.take(r.Handle)
	}
	if h == nil {
		return s.out.send(wire.Status(r.ID, wire.Failure, badHandle), 1)
	}
	if r.Source != "" {
		r.from, r.Source = s.handles.find(r.Source), "" // which may be as long as a packet
	}
	h.add(r)
	return nil
}
