package azstub

import (
	"strings"
)

// The tree of an account with a hierarchical namespace. Directories are entries of the
// container as files are, with a version of their own. Each entry that has a version lies in
// a directory; the root is the entry without a name, which no index holds. A name that has
// nothing but uncommitted blocks is in no directory yet.
//
// Everything here is guarded by Server.mu.

// maxDepth is the documented limit of 63 path segments, of which the names of the account and
// of the container are two. A bisection on the real service found 61 for the rest.
const maxDepth = 63 - 2

// cleanPath is the name under which a hierarchical namespace keeps a path: without empty
// segments, so that "a//b/" is "a/b".
func cleanPath(name string) string {
	if !strings.Contains(name, "//") && !strings.HasPrefix(name, "/") && !strings.HasSuffix(name, "/") {
		return name
	}
	var segments []string
	for segment := range strings.SplitSeq(name, "/") {
		if segment != "" {
			segments = append(segments, segment)
		}
	}
	return strings.Join(segments, "/")
}

// parentOf is the directory that a name lies in, "" for the root.
func parentOf(name string) string { return name[:max(strings.LastIndexByte(name, '/'), 0)] }

// baseOf is the last segment of a name.
func baseOf(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// comparePaths orders names by their segments: what lies in a directory follows it at once.
func comparePaths(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		switch {
		case a[i] == b[i]:
		case a[i] == '/':
			return -1
		case b[i] == '/':
			return 1
		default:
			return compareUTF16(a, b)
		}
	}
	return len(a) - len(b)
}

// isDirectory reports whether a directory is there.
func (b *blob) isDirectory() bool { return b != nil && b.current != nil && b.current.directory }

// node finds the file or directory of a name, or nil.
func (ctr *container) node(name string) *blob {
	if b := ctr.blobs[name]; b != nil && b.current != nil {
		return b
	}
	return nil
}

// put makes v the content of a name for a caller. In a hierarchical namespace it makes the
// directories above it, and owner, permissions and ACL are those of a new entry: also when
// something is replaced.
func (s *Server) put(ctr *container, name, caller string, v *version) error {
	if !ctr.hierarchical {
		s.replace(ctr.touch(name), v)
		return nil
	}
	if err := s.makeParents(ctr, name, caller); err != nil {
		return err
	}
	b, parent := ctr.touch(name), ctr.blobs[parentOf(name)]
	if b.current == nil {
		parent.children++
	}
	s.replace(b, v)
	b.access = parent.access.inherited(caller, v.directory)
	b.appended = content{}
	return nil
}

// makeParents makes the directories above a name that are missing.
func (s *Server) makeParents(ctr *container, name, caller string) error {
	var missing []string
	above := parentOf(name)
	for ctr.node(above) == nil {
		missing = append(missing, above)
		above = parentOf(above)
	}
	if !ctr.node(above).isDirectory() {
		return errPathConflict
	}
	for i := len(missing) - 1; i >= 0; i-- {
		if err := s.put(ctr, missing[i], caller, newDirectory()); err != nil {
			return err
		}
	}
	return nil
}

func newDirectory() *version { return &version{blobType: BlockBlob, directory: true} }

// below lists what lies below a directory, each directory before its content.
func (ctr *container) below(directory string) []string {
	x := &ctr.names
	x.settle(func(n string) bool { return ctr.blobs[n] != nil })
	prefix := directory + "/"
	var names []string
	for i := x.from(prefix); i < len(x.sorted) && strings.HasPrefix(x.sorted[i], prefix); i++ {
		if ctr.node(x.sorted[i]) != nil {
			names = append(names, x.sorted[i])
		}
	}
	return names
}

// move gives an entry, with everything below it, another name, which nothing has that must
// stay. Blocks that were not committed are lost.
func (s *Server) move(from *container, name string, to *container, target string) {
	names := []string{name}
	if from.node(name).isDirectory() {
		names = append(names, from.below(name)...)
	}
	if to.node(target) != nil {
		to.drop(target)
	}
	from.blobs[parentOf(name)].children--
	to.blobs[parentOf(target)].children++
	for _, old := range names {
		b := from.blobs[old]
		delete(from.blobs, old)
		from.names.remove()
		b.uncommitted, b.idLength, b.appended = nil, 0, content{}
		if s.opts.RenameStamps {
			b.current = s.stamp(b.change())
		}
		moved := target + old[len(name):]
		if to.blobs[moved] == nil {
			to.names.add(moved)
		}
		to.blobs[moved] = b
	}
}

// unsupported refuses what the service does not offer in a hierarchical namespace. The codes
// are those that clients of the service have reported.
func (c *call) unsupported() error {
	if !c.srv.opts.HNS {
		if c.dfs && c.rec.Kind != HeadFilesystem {
			return errNotImplemented
		}
		return nil
	}
	switch c.rec.Kind {
	case SnapshotBlob:
		return errNotForHierarchical
	case GetTags, SetTags:
		return errInvalidQuery
	}
	if c.http.Header.Get("x-ms-tags") != "" {
		return errNotForHierarchical
	}
	return nil
}
