package auth

import (
	"net/netip"
	"slices"
	"time"
)

// barred says why nothing lets the account in now and in this way, nil when its credentials
// may.
func (e *entry) barred(try Attempt, now time.Time) error {
	a := &e.account
	switch {
	case a.Disabled:
		return disabledUser
	case !a.Expires.IsZero() && !now.Before(a.Expires):
		return expiredUser
	case len(a.Protocols) > 0 && !slices.Contains(a.Protocols, try.Protocol):
		missing := " " + try.Protocol
		if try.Protocol == FTP && slices.Contains(a.Protocols, FTPS) {
			missing += ", which is without TLS: they have ftps"
		}
		return wrapped{otherProtocol, missing}
	case !within(e.tenantNetworks, try.From):
		return wrongTenantNetwork
	case !within(e.networks, try.From):
		return wrongNetwork
	}
	return nil
}

// within reports whether an address is in one of the networks. Without any it is.
func within(networks []netip.Prefix, from netip.Addr) bool {
	from = from.Unmap().WithZone("")
	return len(networks) == 0 || slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(from) })
}
