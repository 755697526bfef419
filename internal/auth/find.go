package auth

import (
	"fmt"
	"slices"
)

// Ambiguous is the refusal of a login that several accounts answer to. It is ErrDenied, and
// its text is for the log alone.
type Ambiguous struct {
	// Tenants are those of the accounts.
	Tenants []string
}

func (e *Ambiguous) Error() string {
	return fmt.Sprintf("%v: the name is ambiguous, it is a user's of each of the tenants %q", ErrDenied, e.Tenants)
}

// Unwrap makes it ErrDenied.
func (e *Ambiguous) Unwrap() error { return ErrDenied }

// find returns the account that the login means among the tenants that the attempt can
// reach. Otherwise it returns why there is none.
func (a *Authenticator) find(try Attempt) (*entry, error) {
	all := a.byLogin[Fold(try.Login)]
	if len(all) == 0 {
		return nil, unknownUser
	}
	var found []*entry
	for _, e := range all {
		if a.reaches(try, e.account.Tenant) {
			found = append(found, e)
		}
	}
	switch len(found) {
	case 0:
		return nil, otherTenant
	case 1:
		return found[0], nil
	}
	e := &Ambiguous{}
	for _, one := range found {
		e.Tenants = append(e.Tenants, one.account.Tenant)
	}
	slices.Sort(e.Tenants)
	return nil, e
}

// reaches reports whether the attempt can log in as a user of the tenant: the frontend must
// serve it, and a host name that is one tenant's own is for no other.
func (a *Authenticator) reaches(try Attempt, tenant string) bool {
	if owner, ok := a.hosts[FoldHost(try.Host)]; ok && owner != Fold(tenant) {
		return false
	}
	return serves(try.Tenants, tenant)
}

// serves reports whether the tenant is one of served, or served is empty.
func serves(served []string, tenant string) bool {
	return len(served) == 0 || slices.ContainsFunc(served, func(s string) bool { return Fold(s) == Fold(tenant) })
}

// HasHosts reports whether one of the tenants that a frontend serves has a host name of
// its own.
func (a *Authenticator) HasHosts(served []string) bool {
	for _, owner := range a.hosts {
		if serves(served, owner) {
			return true
		}
	}
	return false
}

// IsHost reports whether host is a host name of a tenant, and whether that is one of the
// tenants that a frontend serves.
func (a *Authenticator) IsHost(host string, served []string) (is, isServed bool) {
	owner, ok := a.hosts[FoldHost(host)]
	return ok, ok && serves(served, owner)
}
