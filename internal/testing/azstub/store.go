package azstub

import (
	"fmt"
	"time"
)

// The state of the account. Everything here is guarded by Server.mu; contents
// and versions, once stored, do not change and may be read without it.

// container is a container and its blobs.
type container struct {
	hierarchical bool // blobs has directories too, see hierarchy.go

	blobs    map[string]*blob
	names    nameIndex
	metadata map[string]string
	etag     string
	modified time.Time
}

// blob is a name in a container. It need not exist for readers: a name with
// nothing but uncommitted blocks has no current version.
type blob struct {
	current     *version
	uncommitted map[string]block
	idLength    int // decoded length of the uncommitted block ids
	snapshots   []snapshot
	lease       lease
	immutable   bool
	legalHold   bool

	// Of a hierarchical namespace.
	access   access
	children int     // of a directory
	appended content // bytes that the Data Lake endpoint has received and not flushed
}

// protected refuses what changes a blob that a policy or a legal hold keeps.
func (b *blob) protected() error {
	switch {
	case b.legalHold:
		return errBlobLegalHold
	case b.immutable:
		return errBlobImmutable
	}
	return nil
}

// block is one block of a list, under its Base64 id as the client gave it.
type block struct {
	id      string
	content content
}

// snapshot is a version that was kept under a time.
type snapshot struct {
	id string
	*version
}

// version is what a blob holds between two writes. Every write that changes the
// ETag stores a new version.
type version struct {
	content     content
	blocks      []block // empty when the blob was not made of a block list
	headers     Headers
	metadata    map[string]string
	tags        map[string]string
	blobType    string
	tier        string // empty: the account's default, which is inferred
	tierChanged time.Time
	etag        string
	modified    time.Time
	created     time.Time
	copied      *copyState // nil when no copy was made to this blob
	directory   bool
	origin      Origin
}

// stamp gives v a new ETag and the present time.
func (s *Server) stamp(v *version) *version {
	s.writes++
	v.etag = fmt.Sprintf(`"0x8DE%012X"`, s.writes)
	v.modified = s.now()
	if v.created.IsZero() {
		v.created = v.modified
	}
	return v
}

// now is the time in the resolution of HTTP headers.
func (s *Server) now() time.Time { return s.clock().UTC().Truncate(time.Second) }

// container finds a container. The caller holds s.mu.
func (s *Server) container(name string) (*container, error) {
	c := s.containers[name]
	if c == nil {
		return nil, errContainerNotFound
	}
	return c, nil
}

// newContainer makes a container. The caller holds s.mu.
func (s *Server) newContainer(name string) *container {
	s.writes++
	c := &container{
		blobs:    map[string]*blob{},
		names:    nameIndex{compare: compareUTF16},
		etag:     fmt.Sprintf(`"0x8DC%012X"`, s.writes),
		modified: s.now(),
	}
	if s.opts.HNS {
		c.hierarchical = true
		c.names.compare = comparePaths
		root := &blob{current: s.stamp(newDirectory()), access: access{owner: Superuser, group: Superuser, acl: modeACL("rwxr-x---")}}
		c.blobs[""] = root
	}
	s.containers[name] = c
	return c
}

// blob finds what is kept under a name, or nil. The caller holds s.mu.
func (ctr *container) blob(name string) *blob { return ctr.blobs[name] }

// touch finds or makes what is kept under a name.
func (ctr *container) touch(name string) *blob {
	b := ctr.blobs[name]
	if b == nil {
		b = &blob{}
		ctr.blobs[name] = b
		ctr.names.add(name)
	}
	return b
}

// drop forgets a name.
func (ctr *container) drop(name string) {
	if ctr.hierarchical && ctr.node(name) != nil {
		ctr.blobs[parentOf(name)].children--
	}
	delete(ctr.blobs, name)
	ctr.names.remove()
}

// version finds the version of a blob, or of its snapshot, that readers see.
// The caller holds s.mu.
func (s *Server) version(t target, snap string) (*blob, *version, error) {
	c, err := s.container(t.container)
	if err != nil {
		return nil, nil, err
	}
	b := c.blob(t.blob)
	if b == nil {
		return nil, nil, errBlobNotFound
	}
	if snap != "" {
		for _, sn := range b.snapshots {
			if sn.id == snap {
				return b, sn.version, nil
			}
		}
		return nil, nil, errBlobNotFound
	}
	if b.current == nil {
		return nil, nil, errBlobNotFound
	}
	return b, b.current, nil
}

// replace makes v the content of b and drops all uncommitted blocks, as Put
// Blob, Put Block List and Copy Blob do. A tier that was chosen for what is
// overwritten stays unless the request chooses another ("Hot, cool, and archive
// access tiers").
func (s *Server) replace(b *blob, v *version) {
	if b.current != nil {
		v.created = b.current.created
		if v.tier == "" {
			v.tier, v.tierChanged = b.current.tier, b.current.tierChanged
		}
	}
	b.current = s.stamp(v)
	b.uncommitted, b.idLength = nil, 0
}

// change returns a copy of the current version to be altered and stamped.
func (b *blob) change() *version {
	v := *b.current
	return &v
}
