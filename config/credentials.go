package config

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
)

// credentials reads the password hash, the keys and the principals of a user. certified
// is true when the tenant has authorities, whose certificates are credentials too.
func (l *loader) credentials(b *userBlock, certified bool, u *User) {
	hasPassword := b.PasswordHashRange != (hcl.Range{})
	if hasPassword && !b.listed {
		l.password(b)
	}
	var hasKeys bool
	u.Keys, hasKeys = l.keys(b.AuthorizedKeys, auth.ParseKeys)
	hasKeys = hasKeys || certified
	u.Principals = l.principals(b)
	words := map[string]auth.Factors{
		"any": auth.EitherFactor, "password": auth.PasswordOnly, "key": auth.KeyOnly, "key_and_password": auth.KeyThenPassword,
		"certificate": auth.CertificateOnly, "certificate_and_password": auth.CertificateThenPassword,
	}
	if b.LoginRange != (hcl.Range{}) {
		l.report(b.LoginRange, OneOf("login", b.Login, b.LoginRange, "any", "password", "key", "key_and_password", "certificate", "certificate_and_password"))
	}
	u.Factors = words[b.Login]
	byCertificate := u.Factors == auth.CertificateOnly || u.Factors == auth.CertificateThenPassword
	if len(u.Principals) > 0 && !byCertificate && !certified && !slices.ContainsFunc(u.Keys, auth.Key.IsAuthority) {
		l.problem(b.Principals.Range(), "Principals without an authority",
			`No certificate would be accepted. Write in the tenant: trusted_user_ca_keys = [file("ca.pub")]`)
	}
	needsPassword := u.Factors == auth.PasswordOnly || u.Factors == auth.KeyThenPassword || u.Factors == auth.CertificateThenPassword
	needsKey := u.Factors == auth.KeyOnly || u.Factors == auth.KeyThenPassword
	switch {
	case u.Disabled, b.answered:
		// No credential lets the user in, or the authority has them.
	case misspelt(b.Body, l.diags):
		// The unknown name may be a misspelling of it.
	case !hasPassword && (needsPassword || !hasKeys && !byCertificate):
		l.problem(b.DefRange, "User without a password",
			"The user could not log in. Write: password_hash = \"…\", with the hash that `tidegate hash-password` prints.")
	case !hasKeys && needsKey:
		l.problem(b.DefRange, "User without a key",
			`The user could not log in. Write: authorized_keys = [file("camera.pub")], with a file that ssh-keygen writes.`)
	}
}

// meansHash explains to users who write password that the configuration needs a hash.
func (l *loader) meansHash(users []userBlock) {
	for i := range users {
		for _, body := range syntaxOf(users[i].Body) {
			for _, name := range []string{"password", "passwd", "pass", "hash", "encrypted_password"} {
				written := body.Attributes[name]
				for _, d := range l.diags {
					if written != nil && *d.Subject == written.NameRange && isUnsupported(d) {
						d.Detail = "The configuration holds hashes of passwords. Did you mean \"password_hash\"? Write the hash that `tidegate hash-password` prints."
					}
				}
			}
		}
	}
}

// password checks the hash.
func (l *loader) password(b *userBlock) {
	hash := b.PasswordHash.Reveal()
	if err := auth.CheckHash(hash); err != nil {
		l.problem(b.PasswordHashRange, "Invalid password hash", fmt.Sprintf("This cannot be used: %v. %s", err, hashAdvice))
	}
	if weakness := auth.HashWeakness(hash); weakness != "" {
		l.weakHashes = append(l.weakHashes, weakHash{b.PasswordHashRange, b.Name, weakness})
	}
}

// keys reads a list of texts and parses the keys in each of them. ok is that of list.
func (l *loader) keys(expr hcl.Expression, parse func(string) ([]auth.Key, error)) (all []auth.Key, ok bool) {
	items, ok := l.list(expr)
	for _, item := range items {
		keys, err := parse(item.value)
		if err != nil {
			l.problem(item.at, "Invalid public key",
				fmt.Sprintf("This cannot be used: %v. Write the content of a .pub file of ssh-keygen.", err))
		}
		for _, k := range keys {
			if weakness := k.Weakness(time.Now()); weakness != "" {
				l.report(item.at, hcl.Diagnostics{Warning(item.at, "Weak public key", fmt.Sprintf("%v: %s.", k, weakness))})
			}
		}
		all = append(all, keys...)
	}
	if ok && len(items) == 0 {
		l.problem(expr.Range(), "Empty list", "The list has no key. Leave the line out if there are none.")
	}
	return all, ok
}

// revoked reads the revoked keys. The list may be empty.
func (l *loader) revoked(expr hcl.Expression) auth.Revoked {
	items, _ := l.list(expr)
	all := auth.Revoked{}
	for _, item := range items {
		r, err := auth.ParseRevoked(item.value)
		if err != nil {
			l.problem(item.at, "Invalid revoked key",
				fmt.Sprintf("This cannot be used: %v. Write public keys and fingerprints, one a line.", err))
		}
		maps.Copy(all, r)
	}
	return all
}

// principals reads the principals of the user: a certificate must have one of them.
func (l *loader) principals(b *userBlock) []string {
	items, ok := l.list(b.Principals)
	if ok && len(items) == 0 {
		l.problem(b.Principals.Range(), "Empty list", "No certificate would be accepted. Leave the line out to accept certificates that name the user.")
	}
	var names []string
	for _, item := range items {
		if item.value == "" {
			l.problem(item.at, "Empty principal", "Write the name of a principal in the certificates.")
		}
		names = append(names, item.value)
	}
	return names
}
