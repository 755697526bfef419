package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/listen"
)

// machine is what check asks of the machine that will serve.
type machine struct {
	// running reports whether a Tidegate runs already.
	running func() bool
	// descriptors is the number of descriptors that the process may have.
	descriptors int64
	// lookup resolves a name to IPv4 addresses.
	lookup func(ctx context.Context, network, host string) ([]net.IP, error)
}

// thisMachine returns the machine that the program runs on.
func thisMachine() machine {
	return machine{running: anotherRuns, descriptors: listen.MaxDescriptors(), lookup: net.DefaultResolver.LookupIP}
}

// here reports what keeps this machine from serving a configuration.
func (m machine) here(ctx context.Context, c *config.Config) config.Diagnostics {
	var diags config.Diagnostics
	for _, f := range c.Frontends {
		if l, ok := f.Config.(config.Listener); ok {
			for _, b := range l.Listens() {
				diags = append(diags, m.tryPorts(ctx, b)...)
			}
		}
		if s, ok := f.Config.(config.SocketListener); ok {
			if socket, is := s.Socket(); is {
				diags = append(diags, trySocket(socket)...)
			}
		}
	}
	return append(append(diags, tryFiles(c)...), m.enoughDescriptors(c)...)
}

// tryPorts binds and closes the ports of an address.
func (m machine) tryPorts(ctx context.Context, b config.Listening) config.Diagnostics {
	host, first, last, ok := b.Ports()
	if !ok {
		return nil
	}
	for port := first; port <= last; port++ {
		address := net.JoinHostPort(host, strconv.Itoa(port))
		l, err := listen.Config().Listen(ctx, "tcp", address)
		if err == nil {
			err = l.Close()
		}
		if err != nil {
			return m.refused(b, address, err)
		}
	}
	return nil
}

// refused explains why an address cannot be listened on. The other ports of its range are
// usually refused for the same reason.
func (m machine) refused(b config.Listening, address string, err error) config.Diagnostics {
	hint := strings.TrimPrefix(bindHint(err), ": ")
	if hint != "" {
		hint = strings.ToUpper(hint[:1]) + hint[1:] + "."
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && m.running():
		return nil // most likely by the Tidegate that runs and will be restarted or reloaded
	case errors.Is(err, syscall.EADDRINUSE):
		return config.Diagnostics{config.Problem(b.At, "Port is in use", fmt.Sprintf("%s: %s", address, hint))}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return config.Diagnostics{config.Problem(b.At, "Address is not of this machine", fmt.Sprintf("%s: %s", address, hint))}
	case errors.Is(err, syscall.EACCES):
		return config.Diagnostics{config.Warning(b.At, "Port needs a privilege", fmt.Sprintf("%s: the user who runs this check may not listen there. %s", address, hint))}
	}
	return config.Diagnostics{config.Problem(b.At, "Cannot listen", fmt.Sprintf("%s: %v.", address, err))}
}

// The descriptors that a gateway needs: two for each of the sessions for which there is
// memory, one connection for control and one for data, and some for stores and files.
const (
	sessionsPerMiB   = 12
	otherDescriptors = 1000
)

// enoughDescriptors warns of a limit that is reached before the memory is.
func (m machine) enoughDescriptors(c *config.Config) config.Diagnostics {
	sessions := c.Transfers.Memory >> 20 * sessionsPerMiB
	need := 2*sessions + otherDescriptors
	if m.descriptors >= need {
		return nil
	}
	for _, f := range c.Frontends {
		listener, ok := f.Config.(config.Listener)
		if !ok || len(listener.Listens()) == 0 {
			continue
		}
		return config.Diagnostics{config.Warning(listener.Listens()[0].At, "Few descriptors",
			fmt.Sprintf("The process may open %d descriptors; the %d sessions for which there is memory need about %d. "+
				"Write LimitNOFILE=%d in the systemd unit, or run: ulimit -n %d", m.descriptors, sessions, need, need, need))}
	}
	return nil
}

// lookupTime bounds the resolution of one name.
const lookupTime = 5 * time.Second

// resolve reports announced names that have no IPv4 address, which PASV needs.
func (m machine) resolve(ctx context.Context, c *config.Config) config.Diagnostics {
	var diags config.Diagnostics
	for _, f := range c.Frontends {
		a, ok := f.Config.(config.Announcer)
		if !ok {
			continue
		}
		for _, h := range a.Announces().Hosts {
			if net.ParseIP(h.Host) != nil {
				continue
			}
			if err := m.hasIPv4(ctx, h.Host); err != nil {
				diags = append(diags, config.Problem(h.At, "Announced host does not resolve",
					fmt.Sprintf("%v. PASV needs an IPv4 address of %s: correct host, or the name in DNS.", err, h.Host)))
			}
		}
	}
	return diags
}

func (m machine) hasIPv4(ctx context.Context, host string) error {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	addresses, err := m.lookup(ctx, "ip4", host)
	if err == nil && len(addresses) == 0 {
		err = fmt.Errorf("%s has no IPv4 address", host)
	}
	return err
}
