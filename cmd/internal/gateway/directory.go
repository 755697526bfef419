package gateway

import (
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/auth/external"
	"github.com/tidegate/tidegate/internal/tenant"
)

// directory returns what logins are decided by. tenants have the order of the configuration.
func directory(p *process, c *config.Config, accounts []auth.Account, tenants []*tenant.Tenant, services map[*config.Authority]*external.Client) auth.Directory {
	d := auth.Directory{Accounts: accounts}
	for i, t := range c.Tenants {
		one := auth.Tenant{Name: t.Name, Hosts: t.Hosts}
		if t.Authority != nil {
			one.Authority = &authority{client: services[t.Authority], config: t, tenant: tenants[i], limits: p.limits, changed: p.events.Changed}
		}
		d.Tenants = append(d.Tenants, one)
	}
	return d
}
