package auth

import (
	"crypto/x509"
	"slices"
	"time"
)

// certified returns the account that the client certificate alone lets in, nil for none.
func (a *Authenticator) certified(try Attempt) *entry {
	if try.Certificate == nil || !possibleLogin(try.Login) {
		return nil
	}
	e, err := a.find(try)
	if err != nil || e.account.Factors != CertificateOnly || e.barred(try, time.Now()) != nil || !a.certifies(try, e) {
		return nil
	}
	return e
}

// certifies reports whether the client certificate has one of the user's names: one of the
// principals or, without any, a login of the user. A name without a tenant counts only
// where the client can reach no other tenant: one authority may certify users of several.
func (a *Authenticator) certifies(try Attempt, e *entry) bool {
	if try.Certificate == nil {
		return false
	}
	names := namesIn(try.Certificate)
	if len(e.account.Principals) > 0 {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(e.account.Principals, name) })
	}
	logins := Logins(e.account.Tenant, e.account.Name)
	if !a.isOnly(try, e.account.Tenant) {
		logins = slices.DeleteFunc(logins, func(login string) bool { return login == e.account.Name })
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.ContainsFunc(logins, func(login string) bool { return Fold(login) == Fold(name) })
	})
}

// isOnly reports whether the attempt can reach no other tenant.
func (a *Authenticator) isOnly(try Attempt, tenant string) bool {
	for _, t := range a.tenants {
		if Fold(t.Name) != Fold(tenant) && a.reaches(try, t.Name) {
			return false
		}
	}
	return true
}

// namesIn returns the names that a certificate has: the common name and all alternative
// names but addresses.
func namesIn(c *x509.Certificate) []string {
	names := slices.Concat([]string{c.Subject.CommonName}, c.DNSNames, c.EmailAddresses)
	for _, u := range c.URIs {
		names = append(names, u.String())
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}
