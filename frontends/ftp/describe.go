package ftp

import (
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/expiry"
)

var (
	_ frontends.Described = (*Server)(nil)
	_ frontends.Expiring  = (*Server)(nil)
)

// Describe implements frontends.Described: where data connections must arrive, and which
// certificates clients see.
func (s *Server) Describe() []slog.Attr {
	o := s.current.Load()
	attrs := []slog.Attr{
		slog.String("passive", portsText(s.plane.Ports())),
		slog.Any("advertised", s.advertised()),
		slog.String("tls", string(o.TLSMode)),
	}
	var ends time.Time
	var prints []string
	for _, c := range o.leaves() {
		prints = append(prints, fingerprint(c))
		if ends.IsZero() || c.NotAfter.Before(ends) {
			ends = c.NotAfter
		}
	}
	if len(prints) > 0 {
		attrs = append(attrs, slog.String("cert_not_after", ends.UTC().Format(time.RFC3339)), slog.Any("cert_sha256", prints))
	}
	return attrs
}

// Expiring implements frontends.Expiring.
func (s *Server) Expiring() []expiry.Thing {
	o := s.current.Load()
	if o.TLS == nil {
		return nil
	}
	var all []expiry.Thing
	for i := range o.TLS.Certificates {
		all = append(all, expiry.ChainOf(o.TLS.Certificates[i].Certificate, "tls.cert_file")...)
	}
	for _, c := range o.clientAuthorities {
		all = append(all, expiry.CertificateOf(c, "tls.client_ca_file"))
	}
	return all
}

// advertised returns what PASV announces, where * is the address that the client reached:
// for all clients, and then for those of the networks that have another host.
func (s *Server) advertised() []string {
	host := func(h string) string { return cmp.Or(h, "*") }
	ports := s.plane.Ports()
	port := portsText(ports)
	switch {
	case s.o.Passive.PortAuto:
		port = Auto
	case s.o.Passive.Port != 0:
		announced := make([]int, len(ports))
		for i := range announced {
			announced[i] = s.o.Passive.Port + i
		}
		port = portsText(announced)
	}
	all := []string{net.JoinHostPort(host(s.o.Passive.Host), port)}
	for _, n := range s.o.Passive.Hosts {
		all = append(all, n.Network.String()+" "+net.JoinHostPort(host(n.Host), port))
	}
	return all
}

// portsText is "50000" or "50000-50007".
func portsText(ports []int) string {
	first, last := ports[0], ports[len(ports)-1]
	if first == last {
		return strconv.Itoa(first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}

// leaves returns the certificates that clients see, without their chains.
func (o *Options) leaves() []*x509.Certificate {
	if o.TLS == nil || o.TLSMode == TLSOff {
		return nil
	}
	var all []*x509.Certificate
	for i := range o.TLS.Certificates {
		if leaf := o.TLS.Certificates[i].Leaf; leaf != nil {
			all = append(all, leaf)
		}
	}
	return all
}

// fingerprint is that of a certificate as browsers and FileZilla show it.
func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}
