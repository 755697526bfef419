package auth

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/tidegate/tidegate/internal/tenant"
)

// maxPasswordBytes is longer than any typed password; longer ones are refused unseen.
const maxPasswordBytes = 1024

// Account is one user that may log in.
type Account struct {
	// Tenant and Name identify the user; neither is case sensitive.
	Tenant string
	Name   string
	// PasswordHash is an argon2id (PHC string) or bcrypt hash; "" means that
	// no password lets this user in.
	PasswordHash string
	// Keys are the public keys that let this user in, where the client can use
	// one, and the authorities whose certificates do.
	Keys []Key
	// Principals are what a certificate must name one of; the user's logins
	// when there are none.
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

// ErrDenied is the kind of every login that fails, whatever the reason. Clients
// get this kind alone. The text of the error has the reason, for the log.
var ErrDenied = errors.New("auth: denied")

// denied is ErrDenied with the reason.
type denied string

// Refusal returns the refusal of an Authority: an error that is ErrDenied, with a reason for
// the log.
func Refusal(reason string) error { return refusedByAuthority{denied(reason)} }

func (d denied) Error() string { return ErrDenied.Error() + ": " + string(d) }

// Unwrap makes it ErrDenied.
func (d denied) Unwrap() error { return ErrDenied }

// The reasons that passwords and keys have in common.
const (
	unknownUser  denied = "there is no such user"
	wrongNetwork denied = "the client's address is not in the user's networks"

	wrongTenantNetwork denied = "the client's address is not in the tenant's networks"

	disabledUser  denied = "the user is disabled"
	expiredUser   denied = "the user has expired"
	oldPassword   denied = "the password is older than password_max_age_days"
	wrongPassword denied = "the password is wrong"
	otherTenant   denied = "the user's tenant is not served here"

	otherProtocol denied = "the user's protocols do not have"
	noPassword    denied = "the user has no password_hash"
	asksForKey    denied = "the user's login asks for a key"
)

// Authenticator knows all accounts. Its methods may be called concurrently.
type Authenticator struct {
	// byLogin holds every account under each of its folded logins. Users of several
	// tenants may have the same name.
	byLogin map[string][]*entry
	// hosts has the folded tenant of each folded host name, tenants every tenant by its
	// folded name.
	hosts   map[string]string
	tenants map[string]*Tenant
	// decoys are the hashes that logins of unknown users are checked against:
	// those of all accounts, so that a wrong name costs what a wrong password
	// does. There is at least one.
	decoys []hash
	// seed spreads unknown names over the decoys. It comes from the hashes
	// themselves: secret, and the same on all nodes and after a restart.
	seed [sha256.Size]byte
	// remembered are the passwords that were right not long ago.
	remembered *remembered
	// hashing is shared with the other Authenticators of the process.
	hashing *Hashing
	// matches computes one hash. Tests count its calls.
	matches func(h hash, password string) bool
}

type entry struct {
	account Account
	hash    hash
	hasHash bool
	// networks and tenantNetworks are those of the account, as Unmap returns them.
	networks, tenantNetworks []netip.Prefix
}

// New is NewShared with a Hashing of its own.
func New(accounts []Account) (*Authenticator, error) {
	return NewShared(Directory{Accounts: accounts}, NewHashing(defaultMemory))
}

// NewShared returns an Authenticator for the directory, which computes hashes within
// the limits of hashing. It is an error when two accounts answer to one login, unless it
// is the name of users of several tenants, when a name cannot be one, or when a hash cannot
// be checked.
func NewShared(d Directory, hashing *Hashing) (*Authenticator, error) {
	accounts := d.Accounts
	a := &Authenticator{
		byLogin:    make(map[string][]*entry, 3*len(accounts)),
		hosts:      map[string]string{},
		tenants:    map[string]*Tenant{},
		remembered: newRemembered(),
		hashing:    hashing,
		matches:    hash.matches,
	}
	var errs []error
	seed := sha256.New()
	for _, account := range accounts {
		e, err := newEntry(account)
		if err != nil {
			errs = append(errs, fmt.Errorf("auth: tenant %q, user %q: %w", account.Tenant, account.Name, err))
			continue
		}
		if e.hasHash {
			a.decoys = append(a.decoys, e.hash)
			_, _ = seed.Write([]byte(account.PasswordHash))
		}
		if err := a.add(e); err != nil {
			errs = append(errs, err)
		}
	}
	for _, t := range d.Tenants {
		a.tenants[Fold(t.Name)] = &t
		for _, host := range t.Hosts {
			a.hosts[FoldHost(host)] = Fold(t.Name)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if len(a.decoys) == 0 {
		a.decoys = []hash{{
			memoryKiB: newMemoryKiB, passes: newPasses, threads: newThreads,
			salt: make([]byte, newSaltBytes), key: make([]byte, newKeyBytes),
		}}
	}
	seed.Sum(a.seed[:0])
	return a, nil
}

// add adds an account under its logins.
func (a *Authenticator) add(e *entry) error {
	account := &e.account
	if folded := Fold(account.Tenant); a.tenants[folded] == nil {
		a.tenants[folded] = &Tenant{Name: account.Tenant}
	}
	for _, login := range Logins(account.Tenant, account.Name) {
		folded := Fold(login)
		for _, other := range a.byLogin[folded] {
			if other != e && !Shareable(login, account.Tenant, account.Name, other.account.Tenant, other.account.Name) {
				return fmt.Errorf("auth: the login %q would be both %q of tenant %q and %q of tenant %q",
					login, other.account.Name, other.account.Tenant, account.Name, account.Tenant)
			}
		}
		if !slices.Contains(a.byLogin[folded], e) {
			a.byLogin[folded] = append(a.byLogin[folded], e)
		}
	}
	return nil
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

// Password returns the account that the login and the password belong to, or ErrDenied,
// or the context's error when it ends first. An account that a password alone does
// not let in is denied after the same work.
func (a *Authenticator) Password(ctx context.Context, try Attempt, password string) (*Account, error) {
	if e := a.certified(try); e != nil {
		return &e.account, nil
	}
	return a.password(ctx, try, password, EitherFactor)
}

// password checks the password of an account that wants the given factors, or
// of one that a password suffices when that is EitherFactor.
func (a *Authenticator) password(ctx context.Context, try Attempt, password string, want Factors) (*Account, error) {
	// These depend on nothing that the accounts could be known by.
	if !possibleLogin(try.Login) {
		return nil, unknownUser
	}
	if password == "" || len(password) > maxPasswordBytes {
		return nil, wrongPassword
	}
	e, refusal := a.find(try)
	q, by := a.question(try, refusal, want)
	if e != nil {
		refusal = a.refusal(e, try, want)
	}
	name := Fold(try.Login)
	key := e.key(name)
	if by != nil {
		key = Fold(q.Tenant + "/" + q.User)
	}
	guess := a.hashing.guesses.Begin(try.From, key)
	if why := guess.Refused(); why != nil {
		return nil, afterGuesses(&tooManyGuesses{denied(why.Error())}, guess)
	}
	var account *Account
	var err error
	if by != nil {
		account, err = askForPassword(ctx, by, q, password)
	} else {
		account, err = a.checked(ctx, name, password, e, refusal, guess.Doubtful())
	}
	switch {
	case err == nil:
		guess.Succeeded()
	case errors.Is(err, ErrDenied):
		guess.Failed(password)
		err = afterGuesses(err, guess)
	}
	return account, err
}

// checked computes the hash of a password for the account e, which is nil for an unknown
// name. refusal says why no password lets it in, nil when one may. A doubtful login waits
// for all others.
func (a *Authenticator) checked(ctx context.Context, name, password string, e *entry, refusal error, doubtful bool) (*Account, error) {
	check := a.decoy(name)
	if e != nil && e.hasHash {
		check = e.hash
	}
	allowed := refusal == nil
	// Only a login that succeeds may be spared its hash. A client that is denied
	// for its address, or because a key is missing, must not learn from the time
	// that the password was right.
	d := a.remembered.digest(password)
	known := func() bool { return a.remembered.knows(e, d) && allowed }
	if known() {
		return &e.account, nil
	}
	end, err := a.hashing.begin(ctx, int64(check.memoryKiB), doubtful)
	if err != nil {
		return nil, err
	}
	defer end()
	// One hash is enough for clients that come at the same time.
	if known() {
		return &e.account, nil
	}
	if check.memoryKiB > 0 {
		a.hashing.used()
	}
	if matches := a.matches(check, password); !allowed {
		return nil, refusal
	} else if !matches {
		return nil, wrongPassword
	}
	a.remembered.learn(e, d)
	return &e.account, nil
}

// decoy returns the hash that an unknown name is checked against, the same one
// each time.
func (a *Authenticator) decoy(name string) hash {
	sum := sha256.Sum256(append(a.seed[:], name...))
	return a.decoys[binary.BigEndian.Uint64(sum[:])%uint64(len(a.decoys))]
}

// refusal says why no password lets the account in from there, nil when one may.
func (a *Authenticator) refusal(e *entry, try Attempt, want Factors) error {
	now := time.Now()
	if err := e.barred(try, now); err != nil {
		return err
	}
	switch until := e.account.PasswordExpires; {
	case !until.IsZero() && !now.Before(until):
		return oldPassword
	case e.account.Factors == CertificateOnly, e.account.Factors == CertificateThenPassword && !a.certifies(try, e):
		return noCertificate
	case !e.hasHash:
		return noPassword
	case !e.takes(want):
		return asksForKey
	}
	return nil
}

// takes reports whether a password is what the account wants: alone where want is
// EitherFactor, else as the given factors.
func (e *entry) takes(want Factors) bool {
	has := e.account.Factors
	return has == want || want == EitherFactor && (has == PasswordOnly || has == CertificateThenPassword)
}
