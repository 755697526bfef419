package notify

import (
	"path"
	"slices"
	"strings"
)

// Filter says which events an Endpoint sends. An empty field lets all pass.
type Filter struct {
	Kinds []Kind
	// Tenants are names of tenants, without regard to case.
	Tenants []string
	// Paths are directories of the tenants' trees, such as "/incoming": what lies in or below
	// one of them passes, and so does the directory itself. A rename passes by its old or its
	// new path, or when it moves one of the directories.
	Paths []string
	// Names are patterns of path.Match for the last element of the path, without regard to
	// case. A rename passes by its old or its new name.
	Names []string
}

// passes reports whether a change passes.
func (f *Filter) passes(c *change) bool {
	if len(f.Kinds) > 0 && !slices.Contains(f.Kinds, c.kind) {
		return false
	}
	if len(f.Tenants) > 0 && !slices.ContainsFunc(f.Tenants, func(t string) bool { return strings.EqualFold(t, c.Data.Tenant) }) {
		return false
	}
	if f.at(c.Data.Path) || c.Data.OldPath != "" && f.at(c.Data.OldPath) {
		return true
	}
	return c.kind == DirectoryRenamed && len(f.Names) == 0 &&
		slices.ContainsFunc(f.Paths, func(dir string) bool { return in(dir, c.Data.OldPath) || in(dir, c.Data.Path) })
}

// at reports whether a path passes by its place and its name.
func (f *Filter) at(p string) bool {
	return (len(f.Paths) == 0 || slices.ContainsFunc(f.Paths, func(dir string) bool { return in(p, dir) })) &&
		(len(f.Names) == 0 || slices.ContainsFunc(f.Names, func(pattern string) bool { return matches(pattern, path.Base(p)) }))
}

// in reports whether a path is dir or lies below it.
func in(p, dir string) bool {
	rest, ok := strings.CutPrefix(p, strings.TrimSuffix(dir, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// matches reports whether a name matches a pattern, which is a correct one.
func matches(pattern, name string) bool {
	ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(name))
	return ok && err == nil
}
