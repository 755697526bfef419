package azstub

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Block is a block of a blob, under its Base64 id.
type Block struct {
	ID   string
	Size int64
}

// Origin is which endpoint wrote a file of a hierarchical namespace.
type Origin string

// The origins. What the Data Lake endpoint, SFTP or NFS have written has no block list, and the
// Blob endpoint takes no blocks for it.
const (
	OriginBlob Origin = ""
	OriginDFS  Origin = "dfs"
)

// Blob is a blob as tests place and inspect it, past the protocol.
type Blob struct {
	Content     []byte
	Size        int64 // when placing without Content: the blob reads as the Pattern
	Headers     Headers
	Metadata    map[string]string // keys as they were written
	Tags        map[string]string
	Type        string    // BlockBlob when empty
	Tier        string    // empty: the account's default
	Immutable   bool      // refuse all writes with BlobImmutableDueToPolicy
	LegalHold   bool      // refuse all writes with BlobImmutableDueToLegalHold
	Modified    time.Time // when placing: the present when zero
	ETag        string    // not used when placing
	Blocks      []Block   // when placing: sizes must add up to the content's
	Uncommitted []Block   // not used when placing
	Snapshots   []string  // not used when placing
	LeaseID     string    // not used when placing

	// Of a hierarchical namespace. When placing, empty texts are what a new entry gets.
	Origin       Origin
	Directory    bool
	Owner, Group string
	Permissions  string // "rwxr-x---", and "+" when there is more in the ACL; not used when placing
	ACL          string
}

// CreateContainer makes a container unless it is there.
func (s *Server) CreateContainer(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.containers[name] == nil {
		s.newContainer(name)
	}
}

// Place puts a blob into a container, which is made when it is missing,
// whatever was under the name before and whatever the rules for names say.
func (s *Server) Place(containerName, name string, b Blob) error {
	body := newContent(slices.Clone(b.Content))
	if b.Content == nil {
		body = sized(b.Size)
	}
	v := &version{
		content:  body,
		headers:  b.Headers,
		metadata: maps.Clone(b.Metadata),
		tags:     maps.Clone(b.Tags),
		blobType: cmp.Or(b.Type, BlockBlob),
		tier:     b.Tier,

		directory: b.Directory,
		origin:    b.Origin,
	}
	if v.directory {
		v.content = content{}
	}
	var off int64
	for _, bl := range b.Blocks {
		if bl.Size < 0 || bl.Size > body.size-off {
			return errors.New("azstub: blocks are longer than the content")
		}
		v.blocks = append(v.blocks, block{bl.ID, body.slice(off, bl.Size)})
		off += bl.Size
	}
	if b.Blocks != nil && off != body.size {
		return errors.New("azstub: blocks are shorter than the content")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ctr := s.containers[containerName]
	if ctr == nil {
		ctr = s.newContainer(containerName)
	}
	children := 0
	if ctr.hierarchical {
		name = cleanPath(name)
		if old := ctr.node(name); old != nil {
			if children = old.children; children > 0 && !b.Directory {
				return errors.New("azstub: a directory with content is there")
			}
			ctr.drop(name)
		}
	}
	kept := ctr.touch(name)
	*kept = blob{children: children, immutable: b.Immutable, legalHold: b.LegalHold}
	if err := s.put(ctr, name, Superuser, v); err != nil {
		return err
	}
	if ctr.hierarchical {
		if err := kept.place(b); err != nil {
			return err
		}
	}
	v.tierChanged = v.modified
	if !b.Modified.IsZero() {
		v.modified = b.Modified.UTC().Truncate(time.Second)
		v.created = v.modified
	}
	return nil
}

// place sets owner, group and ACL where a test gives them.
func (b *blob) place(from Blob) error {
	h := http.Header{}
	set(h, "x-ms-owner", from.Owner)
	set(h, "x-ms-group", from.Group)
	set(h, "x-ms-acl", from.ACL)
	placed, err := b.access.changed(h)
	b.access = placed
	return err
}

// Blob returns what is kept under a name. A blob with nothing but uncommitted
// blocks is there for this purpose: its ETag is empty.
func (s *Server) Blob(containerName, name string) (Blob, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ctr := s.containers[containerName]
	if ctr == nil || ctr.blob(name) == nil {
		return Blob{}, false
	}
	b := ctr.blob(name)
	out := Blob{Immutable: b.immutable, LegalHold: b.legalHold, LeaseID: b.lease.id, Uncommitted: listOf(b.staged())}
	for _, sn := range b.snapshots {
		out.Snapshots = append(out.Snapshots, sn.id)
	}
	if v := b.current; v != nil {
		out.Content, out.Size = v.content.bytes(s.pattern), v.content.size
		out.Headers, out.Metadata, out.Tags = v.headers, maps.Clone(v.metadata), maps.Clone(v.tags)
		out.Type, out.Tier, out.Modified, out.ETag = v.blobType, v.tier, v.modified, v.etag
		out.Blocks = listOf(v.blocks)
		out.Origin, out.Directory = v.origin, v.directory
	}
	if ctr.hierarchical && b.current != nil {
		out.Owner, out.Group, out.Permissions, out.ACL = b.access.owner, b.access.group, b.access.permissions(), b.access.aclText()
	}
	return out, true
}

func listOf(blocks []block) []Block {
	var out []Block
	for _, b := range blocks {
		out = append(out, Block{b.id, b.content.size})
	}
	return out
}

// SetImmutable changes whether writes to a blob are refused; it reports whether
// there is such a blob.
func (s *Server) SetImmutable(containerName, name string, on bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctr := s.containers[containerName]
	if ctr == nil || ctr.blob(name) == nil {
		return false
	}
	ctr.blob(name).immutable = on
	return true
}

// Remove forgets a blob, its blocks and snapshots; of a directory also what lies below.
func (s *Server) Remove(containerName, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctr := s.containers[containerName]
	if ctr == nil || ctr.blob(name) == nil {
		return
	}
	if ctr.blob(name).isDirectory() {
		for _, below := range slices.Backward(ctr.below(name)) {
			ctr.drop(below)
		}
	}
	ctr.drop(name)
}

// Names lists the blobs of a container that readers can see, in the order of
// listings. Of a hierarchical namespace it lists the files.
func (s *Server) Names(containerName string) []string { return s.names(containerName, false) }

// Directories lists the directories of a container, in the order of listings.
func (s *Server) Directories(containerName string) []string { return s.names(containerName, true) }

func (s *Server) names(containerName string, directories bool) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctr := s.containers[containerName]
	if ctr == nil {
		return nil
	}
	ctr.names.settle(func(n string) bool { return ctr.blobs[n] != nil })
	return slices.DeleteFunc(slices.Clone(ctr.names.sorted), func(n string) bool {
		b := ctr.blobs[n]
		return b == nil || b.current == nil || b.current.directory != directories
	})
}
