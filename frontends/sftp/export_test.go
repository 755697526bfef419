package sftp

import "net"

// Over lets the server take its connections from l, in the place of its port.
func (s *Server) Over(l net.Listener) {
	_ = s.listener.Close()
	s.listener = l
}
