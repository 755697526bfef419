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
	versions uint64 // how many versions were given out
}

var _ vfs.Backend = (*Backend)(nil)

// New returns an empty tree.
func New() *Backend { return &Backend{root: newDir()} }

// node is a file or a directory. A file's node is never changed: a new version
// is a new node, so that whoever holds the old one may read it without the lock.
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

// Caps declares everything: a tree in memory has no excuse.
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

// nextVersion needs b.mu held for writing.
func (b *Backend) nextVersion() string {
	b.versions++
	return strconv.FormatUint(b.versions, 10)
}

var errBelowFile = errors.New("something above is a file")

// find returns the node at p. The error is KindNotExist, also when the
// way leads through a file. b.mu must be held.
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

// makeDirs returns the directory p, which it makes together with its parents
// as needed. Nothing is made when it fails: the way ends at a file before any
// directory is missing. b.mu must be held for writing.
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

// canceled returns the error for a context that ended, or nil. Nothing here
// waits, so the beginning of a call is the only place to look.
func canceled(ctx context.Context) error {
	if ctx.Err() != nil {
		return vfs.NewError(vfs.KindCanceled, context.Cause(ctx))
	}
	return nil
}
