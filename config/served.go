package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
)

// Serving is implemented by the Body of a frontend that can serve some of the tenants.
type Serving interface {
	// ServedTenants returns the names of the tenants that it serves, and the place of the
	// list: the zero Range where it is missing, which means all tenants.
	ServedTenants() (names []string, at hcl.Range)
}

// served checks the tenants that the frontends name.
func (l *loader) served() {
	known := map[string]bool{}
	var names []string
	for _, t := range l.config.Tenants {
		known[auth.Fold(t.Name)] = true
		names = append(names, t.Name)
	}
	for _, f := range l.config.Frontends {
		serving, ok := f.Config.(Serving)
		if !ok {
			continue
		}
		served, at := serving.ServedTenants()
		if at == (hcl.Range{}) {
			continue
		}
		if len(served) == 0 {
			l.problem(at, "Empty list", "No user could log in. Leave the line out to serve all tenants.")
		}
		seen := map[string]bool{}
		for _, name := range served {
			folded := auth.Fold(name)
			switch {
			case !known[folded]:
				l.problem(at, "Unknown tenant", fmt.Sprintf("There is no block tenant %q.%s", name, choices(name, names)))
			case seen[folded]:
				l.problem(at, "Duplicate tenant", fmt.Sprintf("The list has %q more than once; case does not matter.", name))
			}
			seen[folded] = true
		}
	}
}

// serves reports whether a frontend serves a tenant.
func serves(f *Frontend, t *Tenant) bool {
	serving, ok := f.Config.(Serving)
	if !ok {
		return true
	}
	served, at := serving.ServedTenants()
	return at == (hcl.Range{}) || slices.ContainsFunc(served, func(name string) bool { return auth.Fold(name) == auth.Fold(t.Name) })
}
