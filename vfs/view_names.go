package vfs

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// NameRules limit the names that a user can give to files. The patterns are those of
// path.Match and are compared with the last element of a path, without regard to case: "*"
// is any text, "?" one character, "[a-z]" one of a range, and "\" takes the meaning from
// the next character. A dot at the beginning is a character like others.
type NameRules struct {
	// Allow, when not empty, has a pattern for each name that a file can get. Directories
	// can have other names.
	Allow []string
	// Deny has patterns for names that neither a file nor a directory can get. They are
	// also compared with the name without dots and spaces at its end, which some systems
	// remove.
	Deny []string
}

// CheckNamePattern reports why pattern cannot be one of NameRules.
func CheckNamePattern(pattern string) error {
	switch _, err := path.Match(foldName(pattern), ""); {
	case err != nil:
		return errors.New(`a "[" has no end, a range is incomplete, or "\" is last`)
	case pattern == "":
		return errors.New("it is empty, so it matches no name")
	case strings.Contains(pattern, "/"):
		return errors.New(`it is compared with the last element of a path, which holds no "/"`)
	}
	return nil
}

// names has the patterns of NameRules, as they were written and folded.
type names struct{ allow, deny []pattern }

type pattern struct{ written, folded string }

func newNames(r NameRules) (names, error) {
	var n names
	for _, list := range []struct {
		from []string
		to   *[]pattern
	}{{r.Allow, &n.allow}, {r.Deny, &n.deny}} {
		for _, p := range list.from {
			if err := CheckNamePattern(p); err != nil {
				return names{}, fmt.Errorf("vfs: the pattern %q of names: %w", p, err)
			}
			*list.to = append(*list.to, pattern{p, foldName(p)})
		}
	}
	return n, nil
}

// file returns why a file cannot get the name of p, for the log.
func (n *names) file(p Path) error {
	if err := n.entry(p); err != nil || len(n.allow) == 0 {
		return err
	}
	if _, ok := match(n.allow, foldName(p.Base())); !ok {
		return NewError(KindPermission, &SettingError{"allow_names", errors.New("the name matches no pattern of allow_names")})
	}
	return nil
}

// entry returns why neither a file nor a directory can get the name of p.
func (n *names) entry(p Path) error {
	if len(n.deny) == 0 {
		return nil
	}
	name := foldName(p.Base())
	for _, name := range []string{name, strings.TrimRight(name, ". ")} {
		if denied, ok := match(n.deny, name); ok {
			return NewError(KindPermission, &SettingError{"deny_names", fmt.Errorf("the name matches %q of deny_names", denied)})
		}
	}
	return nil
}

// match returns the first pattern that a folded name matches.
func match(patterns []pattern, name string) (written string, ok bool) {
	for _, p := range patterns {
		if ok, _ := path.Match(p.folded, name); ok { // the pattern was checked
			return p.written, true
		}
	}
	return "", false
}

// foldName maps names that differ only in case to one. Characters that become the same
// letter only in upper case, such as U+017F and "s", or only in lower case, such as U+212A
// and "k", are the same too.
func foldName(name string) string { return strings.ToUpper(strings.ToLower(name)) }
