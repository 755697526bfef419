package data

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/memory/buffers"
)

// Options are what the data connections of one server have in common.
type Options struct {
	// Plane has the passive ports.
	Plane *passive.Plane
	// TLS is nil where no connection is protected.
	TLS   *tls.Config
	Reuse ReuseMode
	// IdleTimeout ends a connection on which the client moves nothing.
	IdleTimeout time.Duration
	// Memory is for buffers of TLS.
	Memory *memory.Part
}

// Shared is what the sessions of one server share.
type Shared struct {
	o Options
	// keys encrypts the TLS tickets. Its other settings do not count.
	keys *tls.Config
	// directory knows whose a TLS ticket is.
	directory *directory
	// buffers are those of TLS.
	buffers *buffers.Buffers
}

// New returns what the sessions of one server share.
func New(o Options) *Shared {
	return &Shared{o: o, keys: &tls.Config{MinVersion: tls.VersionTLS12}, directory: newDirectory(), buffers: buffers.NewBuffers(o.Memory, maxBuffers)}
}

// With returns what later sessions of the server share, with other options on the same
// ports. They and those of s recognize each other's tickets.
func (s *Shared) With(o Options) *Shared {
	next := *s
	o.Plane = s.o.Plane
	next.o = o
	return &next
}

// Session makes the data connections of one session. Its methods are called by one
// goroutine at a time.
type Session struct {
	shared *Shared
	// ctx ends with the session.
	ctx     context.Context
	control *control.Conn
	// start runs a function on a goroutine that the session waits for.
	start func(func())
	// log and user are those of the login.
	log  *slog.Logger
	user string

	tag tag
	// resumption is what is known of the client's use of tickets with the tag.
	resumption resumption

	// reserved is the port that is reserved for the next connection, advertised the address
	// and port that were announced for it.
	reserved   *passive.Reservation
	advertised string
	// certificate is that of the client on the control connection, in DER; nil for none.
	certificate []byte
	// host is the host name that the client asked for by the command HOST.
	host string
	// active is where PORT or EPRT wants the next connection. At most one of reserved and
	// active is set.
	active *dial
}

// NewSession returns the data side of the session with this control connection. start
// runs a function on a goroutine that the session waits for.
func (s *Shared) NewSession(ctx context.Context, log *slog.Logger, control *control.Conn, start func(func())) *Session {
	return &Session{shared: s, ctx: ctx, log: log, control: control, start: start, tag: newTag()}
}

// ControlTLS is the configuration of TLS on the control connection: its tickets name
// the session.
func (s *Session) ControlTLS() *tls.Config {
	return s.tickets().control(s.resumption.ticketed)
}

func (s *Session) tickets() tickets {
	return tickets{s.shared.o.TLS, s.shared.keys, s.tag, s.host, s.certificate}
}

// CertifiedBy notes the client's certificate. Its data connections over TLS must have the
// same one.
func (s *Session) CertifiedBy(c *x509.Certificate) { s.certificate = c.Raw }

// AskedFor notes the host name that the client asked for by the command HOST: a client
// that names none in TLS gets the certificate of this one.
func (s *Session) AskedFor(host string) { s.host = host }

// Login notes whose session it is.
func (s *Session) Login(user string, log *slog.Logger) {
	s.user, s.log = user, log
	s.shared.directory.login(s.tag, user)
}

// Logout is the reverse of Login.
func (s *Session) Logout(log *slog.Logger) {
	s.user, s.log = "", log
	s.shared.directory.leave(s.tag)
}

// Reserve reserves a port for the next connection, on account of owner, and returns it.
// A client that asks again keeps the port that it has. Reserve waits while other sessions of the address
// have all ports, at most until ctx ends; the errors are those of passive.
func (s *Session) Reserve(ctx context.Context, owner fairshare.Holder) (port int, err error) {
	s.active = nil
	if s.reserved == nil || !s.reserved.Renew() {
		if s.reserved != nil {
			// A connection that came for it is closed.
			s.resumption.forgotten()
			s.reserved.Release()
			s.reserved = nil
		}
		own, _ := s.shared.directory.lookUp(s.tag)
		reserved, err := s.shared.o.Plane.Reserve(ctx, s.control.Peer(), owner, own.late)
		if err != nil {
			return 0, err
		}
		s.reserved = reserved
	}
	return s.reserved.Port(), nil
}

// Advertised notes the address that is announced for the reserved port.
func (s *Session) Advertised(host netip.Addr, port int) {
	s.advertised = net.JoinHostPort(host.String(), strconv.Itoa(port))
}

// ConnectTo has the next connection go to the client at this address. A port that is
// reserved is released.
func (s *Session) ConnectTo(to netip.AddrPort) {
	s.Withdraw()
	d := &dial{to: to}
	// From the address that the client knows, as far as it is the gateway's own.
	if local, ok := s.control.LocalAddr().(*net.TCPAddr); ok && !s.control.Proxied() {
		d.local = &net.TCPAddr{IP: local.IP, Zone: local.Zone}
	}
	s.active = d
}

// Withdraw forgets where the next connection comes from.
func (s *Session) Withdraw() {
	s.active = nil
	if s.reserved != nil {
		s.reserved.Release()
		s.reserved = nil
	}
}

// Pause says that the client waits for the gateway, Resume that it does not any more:
// see passive.Reservation.
func (s *Session) Pause() {
	if s.reserved != nil {
		s.reserved.Pause()
	}
}

// Resume is the reverse of Pause.
func (s *Session) Resume() {
	if s.reserved != nil {
		s.reserved.Resume()
	}
}

// needed says what the next data connection must show.
func (s *Session) needed() trust {
	switch s.shared.o.Reuse {
	case ReuseOff:
		return anyone
	case ReuseRequire:
		return proofNeeded
	}
	needs := s.resumption.needed()
	if needs == proofNeeded && s.shared.directory.sharing(s.tag) {
		// The sessions of one program may share a cache of tickets (rclone): one of
		// them that fails, or uses up a ticket, leaves the others without.
		return proofPreferred
	}
	return needs
}
