package auth

import (
	"context"
	"errors"
	"net/netip"

	"github.com/tidegate/tidegate/vfs"
)

// Account is one user who may log in.
type Account struct {
	// Tenant and Name identify the user; neither is case sensitive.
	Tenant string
	Name   string
	// PasswordHash is an argon2id (PHC string) or bcrypt hash; "" means that
	// no password lets this user in.
	PasswordHash string
	// Networks, when there are any, are the only ones to log in from.
	Networks []netip.Prefix
	// View is the tree that the user sees.
	View *vfs.View
}

// ErrDenied is the one answer to every login that fails, whatever the reason:
// who is not let in learns nothing from it.
var ErrDenied = errors.New("auth: denied")

// Authenticator knows all accounts. Its methods may be called concurrently.
type Authenticator struct{}

// New returns an Authenticator for the accounts. Ambiguous names are an error.
func New(accounts []Account) (*Authenticator, error) { return &Authenticator{}, nil }

// Password returns the account that login and password belong to, or ErrDenied,
// or the context's error when it ends first.
func (a *Authenticator) Password(ctx context.Context, login, password string, from netip.Addr) (*Account, error) {
	return nil, ErrDenied
}
