package config

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tidegate/tidegate/internal/auth"
)

// credentials reads the password hash, the keys and the principals of a user. certified
// is true when the tenant has authorities, whose certificates are credentials too.
func (l *loader) credentials(b *userBlock, certified bool, u *User) {
	hasPassword := b.PasswordHashRange != (hcl.Range{})
	if hasPassword {
		l.password(b)
	}
	var hasKeys bool
	u.Keys, hasKeys = l.keys(b.AuthorizedKeys, auth.ParseKeys)
	hasKeys = hasKeys || certified
	u.Principals = l.principals(b)
	if len(u.Principals) > 0 && !certified && !slices.ContainsFunc(u.Keys, auth.Key.IsAuthority) {
		l.problem(b.Principals.Range(), "Principals without an authority",
			`No certificate would be looked at. Write in the tenant: trusted_user_ca_keys = [file("ca.pub")]`)
	}
	words := map[string]auth.Factors{
		"any": auth.EitherFactor, "password": auth.PasswordOnly, "key": auth.KeyOnly, "key_and_password": auth.KeyThenPassword,
	}
	if b.LoginRange != (hcl.Range{}) {
		l.report(b.LoginRange, OneOf("login", b.Login, b.LoginRange, "any", "password", "key", "key_and_password"))
	}
	u.Factors = words[b.Login]
	needsPassword := u.Factors == auth.PasswordOnly || u.Factors == auth.KeyThenPassword
	needsKey := u.Factors == auth.KeyOnly || u.Factors == auth.KeyThenPassword
	switch {
	case misspelt(b.Body, l.diags):
		// It may be what the unknown name was meant to be.
	case !hasPassword && (needsPassword || !hasKeys):
		l.problem(b.DefRange, "User without a password",
			"Nobody could log in. Write: password_hash = \"…\", with what `tidegate hash-password` prints.")
	case !hasKeys && needsKey:
		l.problem(b.DefRange, "User without a key",
			`Nobody could log in. Write: authorized_keys = [file("camera.pub")], with what ssh-keygen writes.`)
	}
}

// meansHash tells those who write a password that its hash is wanted.
func (l *loader) meansHash(users []userBlock) {
	for i := range users {
		body, ok := users[i].Body.(*hclsyntax.Body)
		if !ok {
			continue
		}
		for _, name := range []string{"password", "passwd", "pass", "hash", "encrypted_password"} {
			written := body.Attributes[name]
			for _, d := range l.diags {
				if written != nil && *d.Subject == written.NameRange && isUnsupported(d) {
					d.Detail = "Passwords are not written, but their hashes. Did you mean \"password_hash\"? Write what `tidegate hash-password` prints."
				}
			}
		}
	}
}

// password checks the hash that is written.
func (l *loader) password(b *userBlock) {
	const advice = "Write what `tidegate hash-password` prints."
	hash := b.PasswordHash.Reveal()
	if err := auth.CheckHash(hash); err != nil {
		l.problem(b.PasswordHashRange, "Invalid password hash", fmt.Sprintf("This cannot be used: %v. %s", err, advice))
	}
	if weakness := auth.HashWeakness(hash); weakness != "" {
		l.report(b.PasswordHashRange, hcl.Diagnostics{
			Warning(b.PasswordHashRange, "Weak password hash", fmt.Sprintf("For whoever gets to read it: %s. %s", weakness, advice)),
		})
	}
}

// keys reads a list of texts, each of which holds keys that parse reads. ok is
// as of list.
func (l *loader) keys(expr hcl.Expression, parse func(string) ([]auth.Key, error)) (all []auth.Key, ok bool) {
	items, ok := l.list(expr)
	for _, item := range items {
		keys, err := parse(item.value)
		if err != nil {
			l.problem(item.at, "Invalid public key",
				fmt.Sprintf("This cannot be used: %v. Write what ssh-keygen writes into a .pub file.", err))
		}
		for _, k := range keys {
			if weakness := k.Weakness(time.Now()); weakness != "" {
				l.report(item.at, hcl.Diagnostics{Warning(item.at, "Weak public key", fmt.Sprintf("Of %v: %s.", k, weakness))})
			}
		}
		all = append(all, keys...)
	}
	if ok && len(items) == 0 {
		l.problem(expr.Range(), "Empty list", "No key would let anybody in. Leave the line out where there are none.")
	}
	return all, ok
}

// revoked reads what counts no more. There may be nothing in it yet.
func (l *loader) revoked(expr hcl.Expression) auth.Revoked {
	items, _ := l.list(expr)
	all := auth.Revoked{}
	for _, item := range items {
		r, err := auth.ParseRevoked(item.value)
		if err != nil {
			l.problem(item.at, "Invalid revoked key",
				fmt.Sprintf("This cannot be used: %v. Write public keys and fingerprints, a line each.", err))
		}
		maps.Copy(all, r)
	}
	return all
}

// principals reads the names that certificates may have for the user.
func (l *loader) principals(b *userBlock) []string {
	items, ok := l.list(b.Principals)
	if ok && len(items) == 0 {
		l.problem(b.Principals.Range(), "Empty list", "No certificate would be the user's. Leave the line out for those that name the user.")
	}
	var names []string
	for _, item := range items {
		if item.value == "" {
			l.problem(item.at, "Empty principal", "Write a name that certificates have.")
		}
		names = append(names, item.value)
	}
	return names
}
