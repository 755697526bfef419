package ftp

import (
	"cmp"
	"net/netip"
	"strings"

	"github.com/tidegate/tidegate/internal/auth"
)

// host is the host name that a client asked for, in folded form.
type host struct {
	// byTLS is that of the TLS handshake (SNI), byCommand that of HOST. Where there are
	// both, they are equal.
	byTLS, byCommand string
}

// name is the host name that counts, "" for none.
func (h host) name() string { return cmp.Or(h.byTLS, h.byCommand) }

// noteServerName notes the name of the TLS handshake. It replaces that of an earlier HOST,
// which came in clear. USER, where it came in clear, is forgotten.
func noteServerName(s *session, name string) {
	s.login.named = false
	s.login.host.byTLS = auth.FoldHost(name)
	s.client.AsksFor(s.login.host.byTLS)
	if s.login.host.byTLS != "" {
		noteAskedHost(s, "")
	}
}

// noteAskedHost notes the name of HOST.
func noteAskedHost(s *session, name string) {
	s.login.host.byCommand = name
	s.client.AsksFor(s.login.host.name())
	s.data.AskedFor(name)
}

// servesHosts reports whether a host name can distinguish anything here.
func (in *settings) servesHosts() bool {
	accounts, release := in.Auth.Acquire()
	defer release()
	return accounts.HasHosts(in.Tenants)
}

// knowsHost reports whether the name is that of a tenant that is served here, or the
// server's own as its certificates say.
func (in *settings) knowsHost(name string) bool {
	accounts, release := in.Auth.Acquire()
	defer release()
	if is, served := accounts.IsHost(name, in.Tenants); is {
		return served
	}
	return certifies(in.TLS, name)
}

// parseHost reads the argument of HOST: a DNS name, or an address, in brackets if it is
// one of IPv6 (RFC 7151, 3.1). A port must not follow.
func parseHost(arg string) (name string, ok bool) {
	arg = strings.TrimSpace(arg)
	if inner, bracket := strings.CutPrefix(arg, "["); bracket {
		inner, closed := strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		return arg, closed && err == nil && addr.Is6()
	}
	name = auth.FoldHost(arg)
	return name, name != "" && len(name) <= 253 && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r == ':' || r == '/' || r == '[' || r == ']' || r == 0x7f
	})
}
