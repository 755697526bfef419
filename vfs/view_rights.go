package vfs

import (
	"fmt"
	"slices"
	"strings"
)

// Permission is a set of rights.
type Permission uint16

// The rights that a user can have. Changing to a directory needs none.
const (
	// PermList allows listing directories and Stat of files.
	PermList Permission = 1 << iota
	// PermRead allows reading files, Stat of files and, with PermWrite, copying files.
	PermRead
	// PermWrite allows creating files. Without PermOverwrite the tree is a drop box:
	// existing files cannot be changed.
	PermWrite
	// PermOverwrite, with PermWrite, allows replacing, appending to and resuming existing
	// files and setting their times; with PermRename it allows replacing the target.
	PermOverwrite
	// PermDelete allows removing files and empty directories.
	PermDelete
	// PermRename allows renaming files and directories, and Stat of files.
	PermRename
	// PermMkdir allows making directories.
	PermMkdir

	// PermAll is every right.
	PermAll = PermList | PermRead | PermWrite | PermOverwrite | PermDelete | PermRename | PermMkdir
)

// String lists the rights as the configuration spells them: "list, read".
func (p Permission) String() string {
	var names []string
	for i, name := range rightWords {
		if p&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// PathRule replaces the user's rights at a path of the user's tree and below it. Of several
// rules the deepest one holds.
type PathRule struct {
	At    Path
	Allow Permission
}

// userRights are the rights of a user at each place.
type userRights struct {
	all Permission
	// rules are sorted, the deepest first.
	rules []PathRule
}

func newRights(all Permission, rules []PathRule) (userRights, error) {
	r := userRights{all: all, rules: slices.Clone(rules)}
	for i := range r.rules {
		r.rules[i].At = r.rules[i].At.Place()
	}
	slices.SortStableFunc(r.rules, func(a, b PathRule) int { return b.At.Depth() - a.At.Depth() })
	seen := make(map[Path]bool, len(r.rules))
	for _, rule := range r.rules {
		if seen[rule.At] {
			return userRights{}, fmt.Errorf("vfs: two rules for the path %s", rule.At)
		}
		seen[rule.At] = true
	}
	return r, nil
}

// at returns the rights at p.
func (r *userRights) at(p Path) Permission {
	if rule := r.rule(p); rule != nil {
		return rule.Allow
	}
	return r.all
}

// rule returns the rule for p, nil where there is none.
func (r *userRights) rule(p Path) *PathRule {
	for i := range r.rules {
		if _, ok := p.Cut(r.rules[i].At); ok {
			return &r.rules[i]
		}
	}
	return nil
}

// setting names the setting that the rights at p come from, for the log.
func (r *userRights) setting(p Path) string {
	if rule := r.rule(p); rule != nil {
		return fmt.Sprintf("allow of path %q", rule.At)
	}
	return "allow"
}

// want returns nil if the user has all of the wanted rights at p. Otherwise the error names
// the missing ones and the setting, for the log.
func (r *userRights) want(p Path, want Permission) error {
	if missing := want &^ r.at(p); missing != 0 {
		return NewError(KindPermission, &SettingError{r.setting(p), fmt.Errorf("user lacks the right %s (%s)", missing, r.setting(p))})
	}
	return nil
}

// whole returns nil if the directory p can be renamed or removed by the rights at p alone:
// no place below it has fewer rights.
func (r *userRights) whole(p Path) error {
	for _, rule := range r.rules {
		if rest, below := rule.At.Cut(p); below && !rest.IsRoot() && r.at(p)&^rule.Allow != 0 {
			return NewError(KindPermission, &SettingError{r.setting(rule.At), fmt.Errorf("the directory holds a place with fewer rights (allow of path %q)", rule.At)})
		}
	}
	return nil
}

// move returns nil if the user may rename from to to. Both ends need PermRename. Where the
// rights at the ends differ, the entry is new at the target, which needs PermWrite there,
// and the user must not have more rights to it than before. All of this holds for each
// place below, because from can be a directory.
func (r *userRights) move(from, to Path) error {
	err := r.moveOne(from, to)
	if err == nil {
		err = r.whole(from)
	}
	for _, rule := range r.rules {
		if rest, below := rule.At.Cut(to); err == nil && below && !rest.IsRoot() {
			err = r.moveOne(from.Join(rest), rule.At)
		}
	}
	return err
}

// moveOne is move without the places below.
func (r *userRights) moveOne(from, to Path) error {
	// PermWrite and PermMkdir are about new names, and PermRename is wanted of both paths anyway.
	const toEntry = PermList | PermRead | PermOverwrite | PermDelete
	if err := r.want(to, PermRename); err != nil || len(r.rules) == 0 {
		return err
	}
	before, after := r.at(from), r.at(to)
	if before == after {
		return nil
	}
	if err := r.want(to, PermWrite); err != nil {
		return err
	}
	if more := after &^ before & toEntry; more != 0 {
		return NewError(KindPermission, &SettingError{r.setting(from), fmt.Errorf("after the rename the user would have the right %s, which is missing before (%s)", more, r.setting(from))})
	}
	return nil
}
