package memory

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// Backend is one tree of files.
type Backend struct {
	mu       sync.RWMutex
	root     *node
	versions uint64 // the number of the last version
}

var _ vfs.Backend = (*Backend)(nil)

// New returns an empty tree.
func New() *Backend { return &Backend{root: newDir()} }

// node is a file or a directory. The node of a file is immutable: a new version is a new
// node, so a Reader reads its node without the lock.
type node struct {
	entries map[string]*node // nil for a file
	content []byte
	modTime time.Time
	version string
}

func newDir() *node { return &node{entries: map[string]*node{}, modTime: time.Now()} }

func (n *node) isDir() bool { return n.entries != nil }

// info describes n as the entry called name.
func (n *node) info(name string) vfs.Info {
	i := vfs.Info{Name: name, Type: vfs.TypeFile, Size: int64(len(n.content)), ModTime: n.modTime, Version: n.version}
	if n.isDir() {
		i.Type = vfs.TypeDir
	}
	return i
}

// Caps declares every capability.
func (b *Backend) Caps() vfs.Caps {
	return vfs.Caps{
		Append:          true,
		Copy:            true,
		ExclusiveCreate: true,
		AtomicReplace:   true,
		SetModTime:      true,
		DirTimes:        true,
		RenameDir:       true,
		AtomicRenameDir: true,
		KeepsParents:    true,
		Versions:        true,
		TimePrecision:   time.Nanosecond,
	}
}

// Close frees the tree.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.root = newDir()
	return nil
}

// nextVersion returns a new version. b.mu must be held for writing.
func (b *Backend) nextVersion() string {
	b.versions++
	return strconv.FormatUint(b.versions, 10)
}

var errBelowFile = errors.New("a parent is a file")

// find returns the node at p. The error is KindNotExist, also when a parent is a file. b.mu
// must be held.
func (b *Backend) find(p vfs.Path) (*node, error) {
	n := b.root
	if p.IsRoot() {
		return n, nil
	}
	for name := range strings.SplitSeq(p.Rel(), "/") {
		if !n.isDir() {
			return nil, vfs.NewError(vfs.KindNotExist, errBelowFile)
		}
		child, ok := n.entries[name]
		if !ok {
			return nil, vfs.NewError(vfs.KindNotExist, nil)
		}
		n = child
	}
	return n, nil
}

// findFile is find for a path that must name a file.
func (b *Backend) findFile(p vfs.Path) (*node, error) {
	n, err := b.find(p)
	if err != nil {
		return nil, err
	}
	if n.isDir() {
		return nil, vfs.NewError(vfs.KindIsDir, nil)
	}
	return n, nil
}

// makeDirs returns the directory p, and makes it and its parents as needed. When it fails,
// it has made nothing: it finds the file in the path before the first missing directory.
// b.mu must be held for writing.
func (b *Backend) makeDirs(p vfs.Path) (*node, error) {
	n := b.root
	if p.IsRoot() {
		return n, nil
	}
	for name := range strings.SplitSeq(p.Rel(), "/") {
		child, ok := n.entries[name]
		if !ok {
			child = newDir()
			n.entries[name] = child
		}
		if !child.isDir() {
			return nil, vfs.NewError(vfs.KindNotExist, errBelowFile)
		}
		n = child
	}
	return n, nil
}

// canceled returns the error for a context that ended, or nil. No method blocks, so a check
// at the beginning of a call is enough.
func canceled(ctx context.Context) error {
	if ctx.Err() != nil {
		return vfs.NewError(vfs.KindCanceled, context.Cause(ctx))
	}
	return nil
}
