package auth

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNameBytes bounds what a client can make us look up, and leaves room for a
// user's and a tenant's name in one login.
const maxNameBytes = 256

// CheckTenant reports why name cannot be a tenant's.
func CheckTenant(name string) error {
	if strings.ContainsAny(name, "/@") {
		return errors.New(`"/" and "@" separate tenant and user in logins`)
	}
	return checkName(name)
}

// CheckUser reports why name cannot be a user's. An "@" is allowed: mail
// addresses are common logins.
func CheckUser(name string) error {
	if strings.Contains(name, "/") {
		return errors.New(`"/" separates tenant and user in logins`)
	}
	return checkName(name)
}

func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("it is empty")
	case len(name) > maxNameBytes:
		return fmt.Errorf("it is longer than %d bytes", maxNameBytes)
	case !utf8.ValidString(name):
		return errors.New("it is not valid UTF-8")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("it holds a control character")
	case strings.TrimSpace(name) != name:
		return errors.New("it begins or ends with white space")
	}
	return nil
}

// MaxLoginBytes is the length of the longest login that an account can have.
const MaxLoginBytes = 2*maxNameBytes + 1

// possibleLogin reports whether any account could have this login.
func possibleLogin(login string) bool {
	return login != "" && len(login) <= MaxLoginBytes && utf8.ValidString(login) &&
		!strings.ContainsFunc(login, unicode.IsControl)
}

// Logins returns the logins that the user of the tenant answers to.
func Logins(tenant, user string) []string {
	return []string{user, tenant + "/" + user, user + "@" + tenant}
}

// Shareable reports whether two users may both answer to a login: it is the name of both,
// in two tenants. It then means the one of them that a client can reach, and nobody where
// that is both. A name with a tenant must belong to one user.
func Shareable(login, tenant, user, otherTenant, otherUser string) bool {
	return Fold(login) == Fold(user) && Fold(user) == Fold(otherUser) && Fold(tenant) != Fold(otherTenant)
}

// Fold maps all strings that strings.EqualFold finds equal to one.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		// SimpleFold walks the runes that are equal under folding in a circle;
		// the smallest one stands for all.
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, s)
}

// FoldHost maps the ways to write one host name to one: letter case and a dot at the end
// do not matter.
func FoldHost(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }
