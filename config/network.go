package config

import (
	"fmt"
	"net/netip"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
)

// ParseNetwork parses a network or one address. at is the place of the value, as for
// ParseSize.
func ParseNetwork(text string, at hcl.Range) (netip.Prefix, hcl.Diagnostics) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, hcl.Diagnostics{Problem(at, "Invalid network",
			`Write a network such as "203.0.113.0/24" or "2001:db8::/32", or one address.`)}
	}
	if p != p.Masked() {
		return netip.Prefix{}, hcl.Diagnostics{Problem(at, "Invalid network",
			fmt.Sprintf("Write %q for the whole network, or %q for the one address.", p.Masked(), p.Addr()))}
	}
	return auth.Unmap(p), nil
}

// ParseNetworks parses a list of networks and addresses.
func ParseNetworks(texts []string, at hcl.Range) ([]netip.Prefix, hcl.Diagnostics) {
	var networks []netip.Prefix
	var diags hcl.Diagnostics
	for _, text := range texts {
		p, more := ParseNetwork(text, at)
		networks, diags = append(networks, p), append(diags, more...)
	}
	return networks, diags
}

// CheckBound checks an upper bound. 0 means no bound.
func CheckBound(n int, at hcl.Range) hcl.Diagnostics {
	if n < 0 {
		return hcl.Diagnostics{Problem(at, "Invalid bound", "Write a number above 0. Leave the line out for no bound.")}
	}
	return nil
}
