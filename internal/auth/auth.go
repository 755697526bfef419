package auth

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
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
