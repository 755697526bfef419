package data

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"slices"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

// ReuseMode says what is asked of TLS data connections: that they resume the
// session of their control connection, as proof that both have the same client.
type ReuseMode string

// The modes of session reuse.
const (
	// ReuseOff asks nothing and refuses nothing.
	ReuseOff ReuseMode = "off"
	// ReusePrefer refuses a data connection that shows the ticket of another user. It takes
	// one that shows none, as from curl with TLS 1.2 and Python's ftplib, unless the client is
	// known to show a ticket on each connection: see resumption. If the client has tickets, it
	// does so only when no connection with a ticket comes within proofWait.
	ReusePrefer ReuseMode = "prefer"
	// ReuseRequire takes only data connections that resumed with a ticket of
	// their own control connection.
	ReuseRequire ReuseMode = "require"
)

// tag names a session in its TLS tickets. It is authenticated with them: no
// other program can make a ticket with it.
type tag [16]byte

// tagPrefix distinguishes our entry of SessionState.Extra from others.
const tagPrefix = "tidegate session "

func newTag() (t tag) {
	_, _ = rand.Read(t[:])
	return t
}

// tickets makes the TLS configurations of one session: those whose tickets
// carry the session's tag.
type tickets struct {
	base *tls.Config
	// keys encrypts the tickets of all sessions of the server, whatever their base.
	keys *tls.Config
	own  tag
	// host is the host name whose certificate a client gets that names none, "" for the
	// first certificate.
	host string
	// certificate is that of the client on the control connection, nil for none.
	certificate []byte
}

// control is the configuration of the control connection. given is called when the
// client gets a ticket.
func (t tickets) control(given func()) *tls.Config {
	c := t.base.Clone()
	c.WrapSession = func(cs tls.ConnectionState, state *tls.SessionState) ([]byte, error) {
		given()
		return t.wrap(cs, state)
	}
	c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		c.NextProtos = control.Protocols(hello.SupportedProtos)
		t.certify(c, hello)
		return nil, nil
	}
	return c
}

// data is the configuration of one data connection. shown is called during the
// handshake with the tag of a ticket that the client shows; the ticket counts
// for nothing until the handshake is done and did resume. further says whether
// the client gets a ticket of this connection for the next one.
func (t tickets) data(shown func(tag), further bool) *tls.Config {
	c := t.base.Clone()
	t.wantCertificate(c)
	var seen *tag
	c.WrapSession = func(cs tls.ConnectionState, state *tls.SessionState) ([]byte, error) {
		if seen == nil || !cs.DidResume {
			// An unknown client gets no ticket with our tag.
			return t.keys.EncryptTicket(cs, state)
		}
		// The new ticket gets the tag of the session whose ticket the client has shown.
		return tickets{t.base, t.keys, *seen, t.host, t.certificate}.wrap(cs, state)
	}
	c.UnwrapSession = func(identity []byte, cs tls.ConnectionState) (*tls.SessionState, error) {
		state, err := t.keys.DecryptTicket(identity, cs)
		if err != nil || state == nil {
			// An error would end the connection: a ticket of another node or
			// of an earlier process is no fault of the client's.
			return nil, nil //nolint:nilerr // see above
		}
		if found, ok := tagOf(state); ok {
			seen = &found
			shown(found)
		}
		// crypto/tls knows only "no resumption at all". It has looked at that
		// for this ticket, and will again before it sends one; c is of this
		// connection alone.
		if !further && cs.Version == tls.VersionTLS13 {
			c.SessionTicketsDisabled = true
		}
		return state, nil
	}
	c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		c.NextProtos = dataProtocols(hello.SupportedProtos)
		t.certify(c, hello)
		if !further && slices.Contains(hello.SupportedVersions, tls.VersionTLS13) && !slices.Contains(hello.Extensions, preSharedKey) {
			c.SessionTicketsDisabled = true
		}
		return nil, nil
	}
	return c
}

// errOtherCertificate is the failure of a handshake with a client that has not the
// certificate of the control connection.
var errOtherCertificate = errors.New("data connection without the client certificate of its control connection")

// wantCertificate makes c, the configuration of a data connection, want the client's
// certificate of the control connection, if there is one. A resumed session has that of its
// first handshake.
func (t tickets) wantCertificate(c *tls.Config) {
	if t.certificate == nil {
		return
	}
	verify := c.VerifyConnection
	c.ClientAuth = max(c.ClientAuth, tls.VerifyClientCertIfGiven)
	c.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 || !bytes.Equal(s.PeerCertificates[0].Raw, t.certificate) {
			return errOtherCertificate
		}
		if verify == nil {
			return nil
		}
		return verify(s)
	}
}

// certify offers the certificate of the host to a client that names none in its hello.
// Otherwise crypto/tls chooses by the name. c is of this connection alone.
func (t tickets) certify(c *tls.Config, hello *tls.ClientHelloInfo) {
	if t.host == "" || hello.ServerName != "" {
		return
	}
	for _, certificate := range c.Certificates {
		if certificate.Leaf != nil && certificate.Leaf.VerifyHostname(t.host) == nil {
			c.Certificates = []tls.Certificate{certificate}
			return
		}
	}
}

// preSharedKey is the extension that shows tickets (RFC 8446, 4.2.11).
const preSharedKey = 41

func (t tickets) wrap(cs tls.ConnectionState, state *tls.SessionState) ([]byte, error) {
	// A connection that resumed one of our own tickets has the tag already.
	if seen, ok := tagOf(state); !ok || seen != t.own {
		state.Extra = append(state.Extra, append([]byte(tagPrefix), t.own[:]...))
	}
	return t.keys.EncryptTicket(cs, state)
}

// tagOf returns the newest tag: a ticket that was made on a resumed connection
// carries the older ones too.
func tagOf(state *tls.SessionState) (t tag, ok bool) {
	for _, extra := range state.Extra {
		if len(extra) == len(tagPrefix)+len(t) && string(extra[:len(tagPrefix)]) == tagPrefix {
			t, ok = tag(extra[len(tagPrefix):]), true
		}
	}
	return t, ok
}
