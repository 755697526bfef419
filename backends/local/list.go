package local

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// pageEntries is how many entries a listing reads from the host at a time. Package os reads
// some hundred names ahead.
const pageEntries = 128

// List yields the entries of a directory in the order of the host.
func (b *Backend) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		if err := b.list(ctx, p, func(i vfs.Info) bool { return yield(i, nil) }); err != nil {
			yield(vfs.Info{}, err)
		}
	}
}

// list calls yield for each entry until that returns false.
func (b *Backend) list(ctx context.Context, p vfs.Path, yield func(vfs.Info) bool) error {
	name, err := b.begin(ctx, p)
	if b.isAbsentRoot(p, err) {
		return nil
	}
	if err != nil {
		return err
	}
	dir, err := b.openListed(name, p)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	seen := names{seed: maphash.MakeSeed(), hashes: map[uint64]struct{}{}}
	for range maxPasses {
		quiet := watch(dir)
		for entry, err := range entries(ctx, dir) {
			if err != nil {
				return b.fail(err)
			}
			if !seen.add(entry.Name()) {
				continue
			}
			fi, err := b.entryInfo(dir, name, entry)
			if err != nil {
				return err
			}
			if fi != nil && !yield(describe(fi, entry.Name())) {
				return nil
			}
		}
		if quiet() {
			return nil
		}
	}
	return nil
}

// maxPasses is how often a directory is read that keeps changing.
//
// Some file systems (tmpfs, Btrfs) treat a name that is replaced as a new one
// and move it to a place before or after the reader's position: the reader would miss it or
// find it twice. So a directory that has changed is read again, for the names that were not
// seen.
const maxPasses = 4

// names is a set of hashes of names. It must be small, because it grows with the directory.
type names struct {
	seed   maphash.Seed
	hashes map[uint64]struct{}
}

// add reports whether name is new to the set.
func (n names) add(name string) bool {
	h := maphash.String(n.seed, name)
	if _, ok := n.hashes[h]; ok {
		return false
	}
	n.hashes[h] = struct{}{}
	return true
}

// watch returns a function that reports whether the directory has certainly not changed
// since. Because times may be coarse, it returns false for a directory that had changed
// just before.
func watch(dir *os.Root) (quiet func() bool) {
	const grain = time.Second
	start := time.Now()
	before, err := dir.Stat(".")
	return func() bool {
		after, err2 := dir.Stat(".")
		return err != nil || err2 != nil ||
			before.ModTime().Equal(after.ModTime()) && start.Sub(after.ModTime()) > grain
	}
}

// openListed is openDir with an error that describes the file when one is there.
func (b *Backend) openListed(name string, p vfs.Path) (*os.Root, error) {
	dir, err := b.openDir(name)
	if err != nil && vfs.KindOf(err) == vfs.KindNotDir {
		if fi, err := b.statFile(name); err == nil {
			found := describe(fi, p.Base())
			return nil, &vfs.Error{Kind: vfs.KindNotDir, Found: &found}
		}
	}
	return dir, err
}

// entries yields all entries of a directory, a page at a time. The sequence ends after the
// first error.
func entries(ctx context.Context, dir *os.Root) iter.Seq2[fs.DirEntry, error] {
	return func(yield func(fs.DirEntry, error) bool) {
		f, err := dir.Open(".")
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = f.Close() }()
		for {
			page, err := f.ReadDir(pageEntries)
			for _, entry := range page {
				if err := canceled(ctx); err != nil {
					yield(nil, err)
					return
				}
				if !yield(entry, nil) {
					return
				}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					yield(nil, err)
				}
				return
			}
		}
	}
}

// entryInfo returns the description of an entry of the open directory dir, whose path is
// name. It is nil when clients do not see the entry: a temporary file, neither a file nor a
// directory, removed by now, or a link without a target in the root.
func (b *Backend) entryInfo(dir *os.Root, name string, entry fs.DirEntry) (os.FileInfo, error) {
	if !listable(entry.Name()) {
		return nil, nil
	}
	fi, err := dir.Lstat(entry.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, b.fail(err)
	}
	if fi.Mode()&os.ModeSymlink != 0 {
		// Only a lookup from the root finds out whether a link leads out.
		if fi, err = b.root().Stat(filepath.Join(name, entry.Name())); err != nil {
			return nil, nil
		}
	}
	if !isEntry(fi) {
		return nil, nil
	}
	return fi, nil
}
