package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// passwordExpiry returns when the password does not let the user in any more, zero for
// never.
func (l *loader) passwordExpiry(b *userBlock) time.Time {
	var changed time.Time
	if b.PasswordChangedRange != (hcl.Range{}) {
		var err error
		if changed, err = time.Parse(time.DateOnly, b.PasswordChanged); err != nil {
			l.problem(b.PasswordChangedRange, "Invalid date", `Write the day on which the password was set: "2026-11-30".`)
			return time.Time{}
		}
	}
	at := b.PasswordMaxAgeRange
	switch {
	case at == (hcl.Range{}):
		return time.Time{}
	case b.PasswordMaxAgeDays < 1:
		l.problem(at, "Invalid number", "Write a number of days from 1 on, such as 90.")
		return time.Time{}
	case b.PasswordHash == "":
		return time.Time{}
	case changed.IsZero():
		l.ageless = append(l.ageless, ageless{b.NameRange, b.Name})
		return time.Time{}
	}
	until := changed.AddDate(0, 0, b.PasswordMaxAgeDays+1)
	if !until.After(time.Now()) {
		l.report(b.PasswordChangedRange, hcl.Diagnostics{Warning(b.PasswordChangedRange, "Password is too old",
			fmt.Sprintf("The password of user %q is refused since %s: set another one, and password_changed with it. In a users file tidegate user passwd does both.", b.Name, until.Format(time.DateOnly)))})
	}
	return until
}

// ageless is a user whose password has a greatest age, but no day on which it was set.
type ageless struct {
	at   hcl.Range
	name string
}

// warnAgeless writes one warning about all users in ageless, at the place of the first: a users
// file may have thousands of them.
func (l *loader) warnAgeless() {
	if len(l.ageless) == 0 {
		return
	}
	first, others := l.ageless[0], ""
	if more := len(l.ageless) - 1; more > 0 {
		others = fmt.Sprintf(" and %d more", more)
	}
	l.report(first.at, hcl.Diagnostics{Warning(first.at, "Age of a password is unknown",
		fmt.Sprintf("password_max_age_days does not hold for user %q%s: write password_changed. In a users file tidegate user passwd does that.", first.name, others))})
}

// hashAdvice says how to get a better hash.
const hashAdvice = "Write the hash that `tidegate hash-password` prints."

// weakHash is the password hash of a block user, if a reader of the hash could find the
// password.
type weakHash struct {
	at             hcl.Range
	name, weakness string
}

// namedWeak is how many users a warning names.
const namedWeak = 3

// warnWeakHashes warns of weak hashes, once for all with the same weakness: hundreds of users
// may have theirs from one file of another server.
func (l *loader) warnWeakHashes() {
	warned := map[string]bool{}
	for _, first := range l.weakHashes {
		if warned[first.weakness] {
			continue
		}
		warned[first.weakness] = true
		var names []string
		for _, w := range l.weakHashes {
			if w.weakness == first.weakness {
				names = append(names, w.name)
			}
		}
		who := ""
		switch n := len(names); {
		case n > namedWeak:
			who = fmt.Sprintf(" %d users have such a hash: %s and %d more.", n, strings.Join(names[:namedWeak], ", "), n-namedWeak)
		case n > 1:
			who = fmt.Sprintf(" %d users have such a hash: %s.", n, strings.Join(names, ", "))
		}
		l.report(first.at, hcl.Diagnostics{Warning(first.at, "Weak password hash",
			fmt.Sprintf("A reader of the hash could find the password: %s.%s %s", first.weakness, who, hashAdvice))})
	}
}
