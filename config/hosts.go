package config

import (
	"fmt"
	"net/netip"
	"regexp"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
)

// hostName matches a DNS name as it is sent in TLS: its labels are ASCII.
var hostName = regexp.MustCompile(`^(?i:[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?$`)

// hosts reads the host names of a tenant. all has those of all tenants.
func (l *loader) hosts(expr hcl.Expression, all map[string]hcl.Range) []string {
	items, ok := l.list(expr)
	if ok && len(items) == 0 {
		l.problem(expr.Range(), "Empty list", "The tenant has no host name. Leave the line out if there are none.")
	}
	var hosts []string
	for _, item := range items {
		host := auth.FoldHost(item.value)
		_, errAddr := netip.ParseAddr(host)
		switch first, taken := all[host]; {
		case errAddr == nil || len(host) > 253 || !hostName.MatchString(host):
			l.problem(item.at, "Invalid host name",
				`Write a DNS name such as "ftp.contoso.example", without a port. Write other letters than those of ASCII as the DNS has them: "xn--…".`)
		case taken:
			l.problem(item.at, "Duplicate host name", fmt.Sprintf("%q is already a tenant's host name at %s. A host name can belong to one tenant.", item.value, place(first)))
		default:
			all[host] = item.at
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// Certified is implemented by the Body of a frontend that has certificates for host names.
type Certified interface {
	// Certifies reports whether a certificate has the host name. known is false where there
	// are no certificates, or they cannot be read.
	Certifies(host string) (yes, known bool)
}

// certified warns of a host name of a tenant if a frontend that serves the tenant has no
// certificate for it. places has the place of each host name.
func (l *loader) certified(places map[string]hcl.Range) {
	for _, t := range l.config.Tenants {
		for _, host := range t.Hosts {
			for _, f := range l.config.Frontends {
				if certified, ok := f.Config.(Certified); ok && serves(f, t) {
					if yes, known := certified.Certifies(host); known && !yes {
						l.report(places[host], hcl.Diagnostics{Warning(places[host], "No certificate for a host name",
							fmt.Sprintf("No certificate of frontend %q %q is for %s, so clients that verify it do not connect. "+
								"Write into its block tls: certificate { cert_file = \"…\" key_file = \"…\" }", f.Type, f.Name, host))})
					}
				}
			}
		}
	}
}
