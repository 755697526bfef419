package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/vfs"
)

// Restricted is implemented by the Body of a backend whose credential may permit less than
// the users may do.
type Restricted interface {
	// Lacks returns what the credential does not permit.
	Lacks() []Lack
}

// Lack is a permission that a credential does not have.
type Lack struct {
	// Permission is the name of the permission, Breaks what fails without it.
	Permission, Breaks string
	// Rights are the rights of users that need it.
	Rights vfs.Permission
	// At is the place of the credential.
	At hcl.Range
}

// lacks reports permissions that a credential lacks and that users of a mount need.
func lacks(c *Config) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, b := range c.Backends {
		restricted, ok := b.Config.(Restricted)
		if !ok {
			continue
		}
		for _, lack := range restricted.Lacks() {
			if who := needs(c, b, lack.Rights); who != "" {
				diags = append(diags, ProblemInCheck(lack.At, "Signature lacks a permission",
					fmt.Sprintf("Without the permission %q %s, which %s may do. Make a signature with the permissions racwdl, or take the right from the users.",
						lack.Permission, lack.Breaks, who)))
			}
		}
	}
	return diags
}

// needs returns the first user who has one of the rights on a mount of the backend, "" for
// none.
func needs(c *Config, b *Backend, rights vfs.Permission) string {
	for _, t := range c.Tenants {
		for _, m := range t.Mounts {
			if m.Backend != b {
				continue
			}
			allowed := rights
			if m.ReadOnly {
				allowed &= vfs.PermList | vfs.PermRead
			}
			for i := range t.Users {
				if t.Users[i].Allow&allowed != 0 {
					return fmt.Sprintf("user %q of tenant %q", t.Users[i].Name, t.Name)
				}
			}
		}
	}
	return ""
}
