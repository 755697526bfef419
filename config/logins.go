package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
)

// logins has the users that answer to each folded login.
type logins map[string][]loginOf

// loginOf is a user that answers to a login, and the place of its name.
type loginOf struct {
	tenant, user string
	at           hcl.Range
}

// login reports a login that two users would share. Users of several tenants may have one
// name: the login decides, by what the client can reach. All other logins identify one user.
func (l *loader) login(all logins, tenant, user string, at hcl.Range) {
	own := map[string]bool{} // two logins of one user may be equal
	for _, login := range auth.Logins(tenant, user) {
		folded := auth.Fold(login)
		for _, other := range all[folded] {
			if own[folded] || auth.Shareable(login, tenant, user, other.tenant, other.user) {
				continue
			}
			l.problem(at, "Ambiguous login",
				fmt.Sprintf("%q would also be user %q of tenant %q, defined at %s. Users log in as USER, TENANT/USER and USER@TENANT, "+
					"case does not matter. Only a USER may be the name of users of several tenants. Rename one of them.", login, other.user, other.tenant, place(other.at)))
			return
		}
		own[folded] = true
		all[folded] = append(all[folded], loginOf{tenant, user, at})
	}
}
