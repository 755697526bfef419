// Package tenant holds what the gateway serves at run time: tenants, their mounts and
// their users.
//
// A Tenant is made of the configuration, by internal/gateway, and lives as long as the
// generation that it belongs to. Nobody changes it: a new configuration makes new
// tenants. A session gets its User at the login:
//
//	account, err := authenticator.Password(ctx, login, password, from)
//	…
//	user := account.User
//	view := user.View.Observed(reporter.Operation)
//	if user.Uploads.RefuseResume { … }
//
// Limits and counters of a tenant belong to Tenant, those of a user to User.
//
// # What it is not
//
// It authenticates nobody: that is internal/auth. It decides no rights: a User's View
// does. It does not count sessions: internal/session does, by the names here.
package tenant
