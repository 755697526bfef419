package vfs

import "fmt"

// rooted returns the mounts as they are seen by a user for whom root is "/". A mount at root or
// below it moves up. If no mount is at root itself, the innermost mount that contains root is
// mounted at "/". All other mounts are left out, so no path leads to them.
//
// A store with links is confined to root: a link in it must not lead to what lies beside
// root in the mount.
func rooted(mounts []Mount, root Path) ([]Mount, error) {
	var seen []Mount
	var outer Mount
	around := -1 // the depth of outer
	for _, m := range mounts {
		if at, below := m.At.Cut(root); below {
			m.At = at
			seen = append(seen, m)
			continue
		}
		if rest, inside := root.Cut(m.At); inside && m.At.Depth() > around {
			around = m.At.Depth()
			outer = m
			outer.At, outer.Root = Path{}, m.Root.Join(rest)
		}
	}
	hidden := false // by a mount at root itself
	for _, m := range seen {
		hidden = hidden || m.At.IsRoot()
	}
	if around >= 0 && !hidden {
		if store, links := outer.Backend.(Confiner); links {
			var err error
			if outer.Backend, err = store.Confine(outer.Root); err != nil {
				return nil, fmt.Errorf("vfs: root %s: %w", root, err)
			}
			outer.Root = Path{}
		}
		seen = append(seen, outer)
	}
	if len(seen) == 0 {
		return nil, fmt.Errorf("vfs: root %s is outside of all mounts", root)
	}
	return seen, nil
}
