package config

import (
	"fmt"
	"net/netip"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/charset"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
)

// user reads a user's block. certified means the same as for credentials.
func (l *loader) user(b *userBlock, of *Tenant, certified bool) User {
	u := User{Name: b.Name, PasswordHash: b.PasswordHash}
	if err := auth.CheckUser(u.Name); err != nil {
		l.problem(b.NameRange, "Invalid user name", fmt.Sprintf("This cannot name a user: %v.", err))
	}
	l.admission(b, &u)
	l.credentials(b, certified, &u)
	u.PasswordExpires = l.passwordExpiry(b)
	u.Allow = l.allow(b)
	l.tree(b, of, &u)
	u.Networks = l.networks(b.Networks)
	u.Limits = l.limits(b.Limits)
	u.Uploads = tenant.UploadPolicy{
		CommitOnControlLost: l.choice("on_control_lost", b.OnControlLost, b.OnControlLostRange, "abort", "commit"),
		IgnoreAllo:          l.choice("allo", b.ALLO, b.ALLORange, "check", "hint"),
		RefuseResume:        l.choice("resume", b.Resume, b.ResumeRange, "on", "off"),
		RequireCloseNotify:  b.RequireCloseNotify,
	}
	u.Dialect = tenant.Dialect{
		DOSList:      l.choice("list_style", b.ListStyle, b.ListStyleRange, "unix", "dos"),
		ConvertASCII: l.choice("ascii", b.ASCII, b.ASCIIRange, "keep", "convert"),
		Charset:      l.charset(b),
	}
	l.users = append(l.users, placed{user: &u, of: of, name: b.NameRange, listed: b.listed, allow: b.Allow.Range()})
	return u
}

func (l *loader) charset(b *userBlock) *charset.Charset {
	if b.CharsetRange == (hcl.Range{}) {
		return nil
	}
	c, err := charset.Parse(b.Charset)
	if err != nil {
		l.problem(b.CharsetRange, "Invalid charset",
			`Write the name of a character set that has ASCII in it, such as "utf-8", "cp1252", "iso-8859-15" or "shift_jis".`)
	}
	return c
}

// choice reports whether value is other, and reports a value that is neither usual nor other.
// usual is the value of a missing argument.
func (l *loader) choice(name, value string, at hcl.Range, usual, other string) bool {
	if at != (hcl.Range{}) {
		l.report(at, OneOf(name, value, at, usual, other))
	}
	return value == other
}

// allow reads the user's rights.
func (l *loader) allow(b *userBlock) vfs.Permission {
	allow, items, ok := l.rights(b.Allow, b.DefRange)
	if !ok {
		return vfs.PermAll
	}
	if items == 0 {
		l.problem(b.Allow.Range(), "Empty list", "The user would have no rights. Leave the line out to allow everything.")
	}
	if !b.listed {
		l.wantRename(b.Allow, b.DefRange, allow)
	}
	return allow
}

// rights reads a list of rights with that many items. ok is false as for list.
func (l *loader) rights(expr hcl.Expression, block hcl.Range) (allow vfs.Permission, n int, ok bool) {
	items, ok := l.list(expr)
	for _, item := range items {
		l.report(block, OneOf("allow", item.value, item.at, vfs.Rights()...))
		right, _ := vfs.ParseRight(item.value)
		allow |= right
	}
	return allow, len(items), ok
}

// wantRename warns of rights with which most uploads end under the wrong name.
func (l *loader) wantRename(expr hcl.Expression, block hcl.Range, allow vfs.Permission) {
	if allow&vfs.PermWrite != 0 && allow&vfs.PermRename == 0 {
		l.report(block, hcl.Diagnostics{Warning(expr.Range(), "\"write\" without \"rename\"",
			"Clients that upload under a temporary name (WinSCP, most cameras) will fail at the last step, the rename, and leave the file under the temporary name. "+
				"Allow \"rename\" too, unless the clients need no rename.")})
	}
}

// networks reads networks and single addresses.
func (l *loader) networks(expr hcl.Expression) []netip.Prefix {
	items, ok := l.list(expr)
	if ok && len(items) == 0 {
		l.problem(expr.Range(), "Empty list", "No user could log in from any address. Leave the line out to allow every address.")
	}
	var networks []netip.Prefix
	for _, item := range items {
		p, diags := ParseNetwork(item.value, item.at)
		l.report(item.at, diags)
		networks = append(networks, p)
	}
	return networks
}
