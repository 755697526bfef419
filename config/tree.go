package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/vfs"
)

// tree reads which part of the tenant's tree the user sees, the rights by path and the
// names that the user can give.
func (l *loader) tree(b *userBlock, of *Tenant, u *User) {
	if b.RootRange != (hcl.Range{}) {
		u.Root = l.path(b.Root, b.RootRange, true)
		if !reachable(of, u.Root) {
			l.problem(b.RootRange, "Root outside of all mounts",
				"The directory lies on none of the tenant's mounts and above none, so the user would see nothing. Write a directory among the mounts; with home alone, the user begins somewhere else in the tree.")
		}
	}
	if b.HomeRange != (hcl.Range{}) {
		u.Home = l.path(b.Home, b.HomeRange, true)
		if reachable(of, u.Root) && !reachable(of, u.Root.Join(u.Home)) {
			l.problem(b.HomeRange, "Home outside of all mounts",
				"The directory lies on none of the tenant's mounts, so no file could be stored there."+fromRoot(u))
		}
	}
	u.Paths = l.paths(b, of, u)
	u.Names = vfs.NameRules{Allow: l.patterns(b.AllowNames), Deny: l.patterns(b.DenyNames)}
}

// reachable reports whether p lies on a mount or above one. It returns true for a tenant without
// mounts, because that problem has been reported.
func reachable(of *Tenant, p vfs.Path) bool {
	for _, m := range of.Mounts {
		_, inside := p.Cut(m.At)
		_, above := m.At.Cut(p)
		if inside || above {
			return true
		}
	}
	return len(of.Mounts) == 0
}

// fromRoot explains paths of a user with a root.
func fromRoot(u *User) string {
	if u.Root.IsRoot() {
		return ""
	}
	return fmt.Sprintf(" It begins at the user's root, %q.", u.Root)
}

func (l *loader) paths(b *userBlock, of *Tenant, u *User) []vfs.PathRule {
	var rules []vfs.PathRule
	seen := map[vfs.Path]hcl.Range{}
	for i := range b.Paths {
		p := &b.Paths[i]
		rule := vfs.PathRule{At: l.path(p.At, p.AtRange, true)}
		first, again := seen[rule.At]
		switch {
		case again:
			l.problem(p.AtRange, "Duplicate path", fmt.Sprintf("The rights at %q are already set at %s.", p.At, place(first)))
		case rule.At.IsRoot():
			l.problem(p.AtRange, "Rights at the root", "These are the rights of the user. Write them as allow of the user, without a path block.")
		case reachable(of, u.Root) && !reachable(of, u.Root.Join(rule.At)):
			l.problem(p.AtRange, "Path outside of all mounts", "The directory lies on none of the tenant's mounts."+fromRoot(u))
		default:
			seen[rule.At] = p.AtRange
		}
		var ok bool
		if rule.Allow, _, ok = l.rights(p.Allow, p.DefRange); !ok && !misspelt(p.Body, l.diags) {
			at := p.Allow.Range()
			if at.Empty() {
				at = p.DefRange
			}
			l.problem(at, "Path without rights", `Write the rights at the path and below it: allow = ["list", "read"], or [] for none.`)
		}
		l.wantRename(p.Allow, p.DefRange, rule.Allow)
		rules = append(rules, rule)
	}
	return rules
}

// patterns reads patterns of names. An empty list is allowed: a user may override the patterns
// of the defaults with it.
func (l *loader) patterns(expr hcl.Expression) []string {
	items, _ := l.list(expr)
	var patterns []string
	for _, item := range items {
		if err := vfs.CheckNamePattern(item.value); err != nil {
			l.problem(item.at, "Invalid pattern", fmt.Sprintf(`This cannot be a pattern of names: %v. Write a text such as "*.csv".`, err))
		}
		patterns = append(patterns, item.value)
	}
	return patterns
}
