package auth

import "time"

// Inherit takes over the remembered passwords of the accounts that have the same hash in
// another Authenticator, of an earlier configuration. It is called once, before a login.
func (a *Authenticator) Inherit(from *Authenticator) {
	now := time.Now()
	fresh := from.remembered.fresh(now)
	a.remembered.key = from.remembered.key
	for before, digest := range fresh {
		after := a.same(before)
		if after != nil {
			a.remembered.digests[after] = digest
		}
	}
}

// same returns the account with the tenant, the name and the hash of another
// Authenticator's, or nil.
func (a *Authenticator) same(before *entry) *entry {
	was := &before.account
	for _, e := range a.byLogin[Fold(was.Tenant+"/"+was.Name)] {
		is := &e.account
		if is.PasswordHash == was.PasswordHash && Fold(is.Tenant) == Fold(was.Tenant) && Fold(is.Name) == Fold(was.Name) {
			return e
		}
	}
	return nil
}
