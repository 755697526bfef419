package auth

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/tidegate/tidegate/internal/tenant"
)

// Account is one user that may log in.
type Account struct {
	// Tenant and Name identify the user; neither is case sensitive.
	Tenant string
	Name   string
	// PasswordHash is an argon2id (PHC string), bcrypt or SHA-crypt hash; "" means that the user
	// cannot log in with a password.
	PasswordHash string
	// Keys are the public keys that let this user in, where the client can use
	// one, and the authorities whose certificates do.
	Keys []Key
	// Principals are the principals of which a certificate must have one. Without any, it must
	// have one of the user's logins.
	Principals []string
	// Revoked are keys that count no more.
	Revoked Revoked
	// Factors say which of password and key it takes.
	Factors Factors
	// Disabled refuses every login.
	Disabled bool
	// Expires, unless it is zero, is when logins are refused from.
	Expires time.Time
	// PasswordExpires, unless it is zero, is when the password is refused from. Keys are not.
	PasswordExpires time.Time
	// Protocols, when there are any, are the only ones to log in by.
	Protocols []string
	// Networks, when there are any, are the only ones to log in from.
	Networks []netip.Prefix
	// TenantNetworks are those of the tenant. The client must be in both.
	TenantNetworks []netip.Prefix
	// User is what the account gives access to. It is handed on untouched.
	User *tenant.User
}

// Factors say what a user must prove to be let in.
type Factors uint8

// The factors. A protocol without keys lets in only accounts that need a password alone. A
// certificate is a key.
const (
	// EitherFactor: a key or the password, whichever the account has.
	EitherFactor Factors = iota
	PasswordOnly
	KeyOnly
	// KeyThenPassword: both, the key first.
	KeyThenPassword
	// CertificateOnly: a client certificate of TLS that is the user's. A password that is
	// sent does not matter.
	CertificateOnly
	// CertificateThenPassword: the client certificate, and the password.
	CertificateThenPassword
)

type entry struct {
	account Account
	hash    hash
	hasHash bool
	// networks and tenantNetworks are those of the account, as Unmap returns them.
	networks, tenantNetworks []netip.Prefix
}

func newEntry(account Account) (*entry, error) {
	if err := CheckTenant(account.Tenant); err != nil {
		return nil, fmt.Errorf("tenant name: %w", err)
	}
	if err := CheckUser(account.Name); err != nil {
		return nil, fmt.Errorf("user name: %w", err)
	}
	e := &entry{account: account}
	if account.PasswordHash != "" {
		h, err := parseHash(account.PasswordHash)
		if err != nil {
			return nil, fmt.Errorf("password hash: %w", err)
		}
		e.hash, e.hasHash = h, true
	}
	var err, tenantErr error
	e.networks, err = unmapped(account.Networks)
	e.tenantNetworks, tenantErr = unmapped(account.TenantNetworks)
	return e, errors.Join(err, tenantErr)
}

// Unmap returns the IPv4 network that a network of IPv4-mapped IPv6 addresses
// stands for, and every other one as it is.
func Unmap(p netip.Prefix) netip.Prefix {
	const mapped = 96 // bits before the IPv4 address in ::ffff:a.b.c.d
	if p.Addr().Is4In6() && p.Bits() >= mapped {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped).Masked()
	}
	return p.Masked()
}

// unmapped returns the networks as Unmap does.
func unmapped(networks []netip.Prefix) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, p := range networks {
		if !p.IsValid() {
			return nil, errNoNetwork
		}
		all = append(all, Unmap(p))
	}
	return all, nil
}

var errNoNetwork = errors.New("a network is not valid")

// takes reports whether a password is what the account wants: alone where want is
// EitherFactor, else as the given factors.
func (e *entry) takes(want Factors) bool {
	has := e.account.Factors
	return has == want || want == EitherFactor && (has == PasswordOnly || has == CertificateThenPassword)
}

// takesNoKeys reports whether no key of SSH is among what the account wants.
func takesNoKeys(f Factors) bool {
	return f == PasswordOnly || f == CertificateOnly || f == CertificateThenPassword
}
