package azblob

import (
	"context"
	"iter"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// directories are the operations that depend on how an account represents directories.
// flat implements them for accounts without a hierarchical namespace, hierarchical for those
// with one. A file is the blob of its path everywhere.
//
// A name is the name of a blob without a slash at its end, and never that of the root,
// except in list. Errors have a kind.
type directories interface {
	// caps sets the capabilities that depend on directories.
	caps(c *vfs.Caps)

	// refuses returns why no entry can have a name that is valid for a blob; "" when an entry
	// can have it.
	refuses(name string) string

	// knows reports, without a request, whether the name is a directory without blobs that
	// this process remembers.
	knows(name string) bool

	// look finds out what is at the name, before an entry is put there. It usually takes
	// one request.
	look(ctx context.Context, name string, enough func(place) bool) (place, error)

	// below finds out what is at a name that no blob has.
	below(ctx context.Context, name string) (place, error)

	// list yields the entries of the directory name, "" for the root, whose path
	// is p: the contract of vfs.Backend.List.
	list(ctx context.Context, p vfs.Path, name string, yield func(vfs.Info, error) bool)

	// make makes the directory. KindExist when it was made before, or when a file
	// is there.
	make(ctx context.Context, name string) error

	// remove removes an empty directory. Otherwise the error is KindNotEmpty, KindNotDir or
	// KindNotExist.
	remove(ctx context.Context, name string) error

	// rename moves a directory with all its content. marker is the blob with the name src,
	// nil when there is none, and target what was found at dst: anything there is
	// KindExist. KindNotExist when src is no directory.
	rename(ctx context.Context, src, dst string, marker *blobInfo, target found) error

	// movesFiles reports whether moveFile can be used. Elsewhere a file is renamed by a copy
	// and a deletion.
	movesFiles() bool

	// moveFile moves a file of the given version at once. target is what was found at dst: a
	// file there is replaced unless noReplace is true, a directory is KindIsDir.
	moveFile(ctx context.Context, src, dst string, source blobInfo, target found, noReplace bool) error

	// aside returns the place for the new content of files for which the service takes no
	// blocks; nil when the account has no such files.
	aside() *asideArea

	// keepsAccess reports whether a file that is replaced keeps its owner, group and ACL, with
	// setAccess. That returns the new version of the file, "" when it is not known.
	keepsAccess() bool
	setAccess(ctx context.Context, name, version string, a access) (string, error)

	// explain is called with the error of a request that makes name. It adds which entry
	// prevented that.
	explain(ctx context.Context, name string, err error) error

	// setTime sets the time of the directory. marker is the blob of its name. When that is
	// nil, missing is the error if there is no directory.
	setTime(ctx context.Context, name string, marker *blobInfo, missing error, t time.Time) error
}

// place is what the container holds at one name, as far as requests have shown it.
type place struct {
	// blob is the blob with exactly the name: a file or a directory.
	blob *blobInfo
	// slash is the blob of the name followed by a slash: a marker, unless it has content.
	slash *blobInfo
	// more says that other blobs lie below. newest is the time of the newest of those that
	// were seen.
	more   bool
	newest time.Time
	// made is the time at which this process made the directory without a marker.
	made time.Time
}

// isFile reports whether a file is there, also when a directory has the same name.
func (p place) isFile() bool { return p.blob != nil && !p.blob.isMarker() }

// isDir reports whether a directory is there.
func (p place) isDir() bool {
	return p.blob != nil && p.blob.isMarker() || p.slash != nil || p.more || !p.made.IsZero()
}

// dir returns the directory as the entry called name. Its time is that of its marker, or
// otherwise that of the newest blob that was seen below.
func (p place) dir(name string) vfs.Info {
	info := vfs.Info{Name: name, Type: vfs.TypeDir, ModTime: p.newest}
	switch {
	case p.blob != nil && p.blob.isMarker():
		return p.blob.entry(name)
	case p.slash != nil:
		info.ModTime = p.slash.modTime()
	case p.newest.IsZero():
		info.ModTime = p.made
	}
	return info
}

// anything and content are what a look can stop at.
func anything(p place) bool { return p.blob != nil || p.isDir() }
func content(p place) bool  { return p.more }

// found is the result of a look.
type found struct {
	place
	err error
}

// looking looks at a name in a goroutine, while the caller does something else. The caller
// must receive the result.
func (b *Backend) looking(ctx context.Context, name string) <-chan found {
	answer := make(chan found, 1)
	go func() {
		p, err := b.dirs.look(ctx, name, anything)
		answer <- found{p, err}
	}()
	return answer
}

// List yields the entries of p.
func (b *Backend) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		name, err := blobName(b.dirs, p)
		if err != nil {
			yield(vfs.Info{}, err)
			return
		}
		b.dirs.list(ctx, p, name, yield)
	}
}

// Mkdir makes the directory p. One that exists only because something lies below it
// may be made, and then stays when it becomes empty.
func (b *Backend) Mkdir(ctx context.Context, p vfs.Path) error {
	if p.IsRoot() {
		return vfs.NewError(vfs.KindExist, nil)
	}
	name, err := blobName(b.dirs, p)
	if err != nil {
		return err
	}
	b.store.noteDir(ctx, name, "")
	return b.dirs.make(ctx, name)
}
