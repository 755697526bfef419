package azblob

import (
	"cmp"
	"context"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/vfs"
)

// Markers is the form of the blob that marks a directory which Mkdir makes. Markers of
// other programs are recognized in both forms.
type Markers string

// The forms.
const (
	// MarkersHDI is the empty blob "dir" with the metadata hdi_isfolder=true, as
	// blobfuse2, Hadoop and Spark write it.
	MarkersHDI Markers = "hdi"
	// MarkersSlash is the empty blob "dir/" with that metadata, as rclone writes
	// it.
	MarkersSlash Markers = "slash"
	// MarkersNone is no blob: only the process that made a directory without files knows
	// it.
	MarkersNone Markers = "none"
)

// blobs returns the name of the marker of a directory in this form, and its name in the
// other form.
func (m Markers) blobs(dir string) (own, other string) {
	if m == MarkersSlash {
		return dirPrefix(dir), dir
	}
	return dir, dirPrefix(dir)
}

// flat implements directories for an account without a hierarchical namespace. The service
// has no directories there: one exists when its marker does or anything lies below it.
type flat struct {
	store   *store
	pages   *fairshare.Resource
	markers Markers
	made    *madeDirs // nil unless MarkersNone
	// pageSize is how many entries one request lists, and renameEntries the most blobs of a
	// directory that can be renamed.
	pageSize      int32
	renameEntries int
}

var _ directories = (*flat)(nil)

func newFlat(s *store, o Options) *flat {
	f := &flat{
		store: s, markers: cmp.Or(o.Markers, MarkersHDI), pages: pageSlots(o.Ledger, o.Chunks),
		pageSize: cmp.Or(o.PageSize, defaultPageSize), renameEntries: cmp.Or(o.RenameEntries, defaultRenameEntries),
	}
	if f.markers == MarkersNone {
		f.made = &madeDirs{names: map[string]time.Time{}}
	}
	return f
}

// caps: with MarkersHDI each directory that was made has a time of its own, which listings
// return and setTime sets.
func (f *flat) caps(c *vfs.Caps) { c.DirTimes = f.markers == MarkersHDI }

func (f *flat) refuses(string) string { return "" }

func (f *flat) movesFiles() bool { return false }

func (f *flat) moveFile(context.Context, string, string, blobInfo, found, bool) error {
	return vfs.NewError(vfs.KindUnsupported, nil)
}

func (f *flat) aside() *asideArea { return nil }

func (f *flat) keepsAccess() bool { return false }

func (f *flat) setAccess(context.Context, string, string, access) (string, error) {
	return "", vfs.NewError(vfs.KindUnsupported, nil)
}

func (f *flat) explain(_ context.Context, _ string, err error) error { return err }

func (f *flat) knows(name string) bool { return f.made.has(name) }

// setTime writes the time into the metadata of the marker.
func (f *flat) setTime(ctx context.Context, name string, marker *blobInfo, missing error, t time.Time) error {
	if marker != nil {
		_, err := f.store.writeModTime(ctx, name, *marker, t)
		return err
	}
	at, err := f.below(ctx, name)
	switch {
	case err != nil:
		return err
	case at.slash != nil && at.slash.size == 0:
		_, err := f.store.writeModTime(ctx, dirPrefix(name), *at.slash, t)
		return err
	case at.isDir():
		return vfs.NewError(vfs.KindIsDir, nil)
	}
	return missing
}

// remove deletes the markers of a directory that contains nothing else.
func (f *flat) remove(ctx context.Context, name string) error {
	p, err := f.look(ctx, name, content)
	switch {
	case err != nil:
		return err
	case p.isFile() && !p.isDir():
		return vfs.NewError(vfs.KindNotDir, nil)
	case !p.isDir():
		return vfs.NewError(vfs.KindNotExist, nil)
	case p.more || p.slash != nil && p.slash.size > 0:
		// A blob "name/" with content is data of another program.
		return vfs.NewError(vfs.KindNotEmpty, nil)
	}
	if p.slash != nil {
		if err := f.store.remove(ctx, dirPrefix(name), version(p.slash.etag)); err != nil {
			return err
		}
	}
	if p.blob != nil && p.blob.isMarker() {
		if err := f.store.remove(ctx, name, version(p.blob.etag)); err != nil {
			return err
		}
	}
	f.made.remove(name)
	return nil
}
