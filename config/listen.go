package config

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Listener is implemented by the Body of a frontend, so that its ports are compared with
// those of the others.
type Listener interface {
	// Listens returns the addresses on which the frontend will listen. Some may be wrong;
	// Validate reports those.
	Listens() []Listening
}

// Listening is an address with a port or a range of ports, such as "0.0.0.0:30000-30007",
// and its place.
type Listening struct {
	Address string
	At      hcl.Range
}

// SocketListener is implemented by the Body of a frontend that may listen on a unix socket.
type SocketListener interface {
	// Socket returns the socket, false where the frontend listens on a port.
	Socket() (Socket, bool)
}

// Socket is the path of a unix socket, and its place.
type Socket struct {
	Path string
	At   hcl.Range
}

// Ports returns the host and the ports, false for an invalid address.
func (l Listening) Ports() (host string, first, last int, ok bool) { return splitListen(l.Address) }

// Loopback reports whether only this machine can reach the address.
func (l Listening) Loopback() bool { return loopback(l.Address) }

// ForOperators is implemented by the Body of a frontend for operators. No user of a tenant
// logs in there, and it serves until all other frontends have ended.
type ForOperators interface{ ForOperators() }

// forUsers reports whether users of tenants log in to a frontend.
func forUsers(f *Frontend) bool {
	_, operators := f.Config.(ForOperators)
	return !operators
}

// ClearText is implemented by the Body of a frontend that may receive passwords without
// encryption.
type ClearText interface {
	// PasswordsInClear returns whether it may, and the place of the setting that allows it.
	PasswordsInClear() (at hcl.Range, clear bool)
}

// CheckListenRange reports an address without a valid port or range of ports. example is a
// correct one.
func CheckListenRange(address string, at hcl.Range, example string) hcl.Diagnostics {
	host, first, last, ok := splitListen(address)
	switch {
	case ok && (first > 0 || strings.HasSuffix(address, ":0")):
		return nil
	case first > last && last > 0 && first <= 65535:
		return hcl.Diagnostics{Problem(at, "Invalid address of passive ports",
			fmt.Sprintf("The range of ports is reversed. Write: %q", net.JoinHostPort(host, fmt.Sprintf("%d-%d", last, first))))}
	}
	return hcl.Diagnostics{Problem(at, "Invalid address of passive ports",
		fmt.Sprintf(`Write an address with one port or a range of ports up to 65535, such as %q.`, example))}
}

// CheckListen reports an invalid address. example is a correct one.
func CheckListen(address string, at hcl.Range, example string) hcl.Diagnostics {
	if _, first, last, ok := splitListen(address); !ok || first != last {
		return hcl.Diagnostics{Problem(at, "Invalid address to listen on",
			fmt.Sprintf("Write an address and a port up to 65535, such as %q.", example))}
	}
	return nil
}

func splitListen(address string) (host string, first, last int, ok bool) {
	host, ports, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, 0, false
	}
	low, high, isRange := strings.Cut(ports, "-")
	if !isRange {
		high = low
	}
	first, errFirst := strconv.Atoi(low)
	last, errLast := strconv.Atoi(high)
	return host, first, last, errFirst == nil && errLast == nil && first >= 0 && first <= last && last <= 65535
}

// addressOf returns the address that a host to listen on stands for, false for a name.
func addressOf(host string) (netip.Addr, bool) {
	switch host {
	case "":
		return netip.IPv4Unspecified(), true
	case "localhost":
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	}
	addr, err := netip.ParseAddr(host)
	return addr.Unmap(), err == nil
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	addr, ok := addressOf(host)
	return err == nil && ok && addr.IsLoopback()
}

// clearPasswords warns of passwords that may travel without encryption: to a frontend
// without mandatory TLS that other hosts can reach, from users without networks.
func (l *loader) clearPasswords() {
	users, external := 0, false
	for _, t := range l.config.Tenants {
		external = external || t.Authority != nil
		for i := range t.Users {
			if t.Users[i].PasswordHash != "" && len(t.Users[i].Networks) == 0 {
				users++
			}
		}
	}
	for _, f := range l.config.Frontends {
		c, ok := f.Config.(ClearText)
		if !ok || users == 0 && !external {
			continue
		}
		at, clear := c.PasswordsInClear()
		if listener, ok := f.Config.(Listener); ok && clear {
			if listens := listener.Listens(); len(listens) > 0 && loopback(listens[0].Address) {
				continue
			}
		}
		if clear {
			who := countUsers(users)
			if external {
				who = "Users of an external authority"
			}
			l.report(at, hcl.Diagnostics{Warning(at, "Passwords may travel in clear",
				fmt.Sprintf("%s without networks may log in without TLS, from anywhere. Write mode = \"required\" in the block tls; "+
					"give devices without TLS a frontend of their own, and their users networks.", who))})
		}
	}
}

func countUsers(n int) string {
	if n == 1 {
		return "One user"
	}
	return fmt.Sprintf("%d users", n)
}
