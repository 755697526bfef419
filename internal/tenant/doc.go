// Package tenant has the tenants, their mounts and their users at run time.
//
// cmd/internal/gateway makes a Tenant from the configuration. It lives as long as its
// generation and is immutable, but for User.Revoke: a new configuration makes new tenants. A session gets its
// User at the login:
//
//	account, err := authenticator.Password(ctx, login, password, from)
//	…
//	user := account.User
//	view := user.View.Observed(reporter.Operation)
//	if user.Uploads.RefuseResume { … }
//
// The limits of a user and of the tenant are User.Limits. Their counters belong to the
// process: see internal/limits.
//
// # What it is not
//
// It does not authenticate: internal/auth does. It does not decide rights: a User's View
// does. It does not count sessions: internal/session does, by the names here.
package tenant
