package gateway

import (
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/auth"
)

// directory returns what logins are decided by.
func directory(c *config.Config, accounts []auth.Account) auth.Directory {
	d := auth.Directory{Accounts: accounts}
	for _, t := range c.Tenants {
		d.Tenants = append(d.Tenants, auth.Tenant{Name: t.Name, Hosts: t.Hosts})
	}
	return d
}
