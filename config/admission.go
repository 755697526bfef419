package config

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/tenant"
)

// admission reads when a user may log in, and how its sessions end when that changes.
func (l *loader) admission(b *userBlock, u *User) {
	u.Disabled = b.disabled || b.Enabled != nil && !*b.Enabled
	u.Expires = l.expiry(b)
	u.Protocols = l.protocols(b)
	u.OnChange = tenant.WhenIdle
	if b.OnChangeRange == (hcl.Range{}) {
		return
	}
	l.report(b.OnChangeRange, OneOf("on_change", b.OnChange, b.OnChangeRange, "keep", "end_idle", "end"))
	switch b.OnChange {
	case "keep":
		u.OnChange = tenant.Stay
	case "end":
		u.OnChange = tenant.AtOnce
	}
}

// protocols reads the protocols that the user may log in by, nil for all.
func (l *loader) protocols(b *userBlock) []string {
	items, ok := l.list(b.Protocols)
	if ok && len(items) == 0 {
		l.problem(b.Protocols.Range(), "Empty list", "The user could not log in. Leave the line out to allow every protocol, or write: enabled = false")
	}
	var all []string
	for _, item := range items {
		l.report(item.at, OneOf("protocols", item.value, item.at, auth.FTP, auth.FTPS, auth.SFTP))
		all = append(all, item.value)
	}
	return all
}

// expiry reads a date, at whose end the user expires, or a time.
func (l *loader) expiry(b *userBlock) time.Time {
	if b.ExpiresRange == (hcl.Range{}) {
		return time.Time{}
	}
	expires, err := time.Parse(time.RFC3339, b.Expires)
	if err != nil {
		if expires, err = time.Parse(time.DateOnly, b.Expires); err == nil {
			expires = expires.AddDate(0, 0, 1)
		}
	}
	switch {
	case err != nil:
		l.problem(b.ExpiresRange, "Invalid date", `Write the last day, "2027-01-31", or a time with its zone, "2027-01-31T18:00:00Z".`)
		return time.Time{}
	case !expires.After(time.Now()):
		l.report(b.ExpiresRange, hcl.Diagnostics{Warning(b.ExpiresRange, "User has expired",
			fmt.Sprintf("User %q cannot log in since %s.", b.Name, expires.UTC().Format("2006-01-02 15:04 MST")))})
	}
	return expires
}
