package auth

// Directory is what an Authenticator decides by.
type Directory struct {
	Accounts []Account
	// Tenants need not have those of which nothing but accounts is known.
	Tenants []Tenant
}

// Tenant is what matters of a tenant besides its accounts.
type Tenant struct {
	Name string
	// Hosts are host names that are this tenant's own.
	Hosts []string
	// Authority decides about users without an account. Nil is none.
	Authority Authority
}
