package azblob

import (
	"context"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/vfs"
)

// place is what the container holds at one name, as far as it was asked.
type place struct {
	// blob is the blob of the very name: a file or a marker.
	blob *blobInfo
	// slash is the blob of the name with a slash behind: a marker, unless it
	// has content.
	slash *blobInfo
	// more says that other blobs lie below, and newest when the newest of
	// those that were seen was written.
	more   bool
	newest time.Time
	// made is when the directory was made here without a marker.
	made time.Time
}

// isFile reports whether a file is there, with a directory beside it or without.
func (p place) isFile() bool { return p.blob != nil && !p.blob.isMarker() }

// isDir reports whether a directory is there.
func (p place) isDir() bool {
	return p.blob != nil && p.blob.isMarker() || p.slash != nil || p.more || !p.made.IsZero()
}

// dir returns the directory as the entry called name. Its time is that of its
// marker, or else that of the newest blob that was seen below.
func (p place) dir(name string) vfs.Info {
	info := vfs.Info{Name: name, Type: vfs.TypeDir, ModTime: p.newest}
	switch {
	case p.blob != nil && p.blob.isMarker():
		info.ModTime = p.blob.modTime()
	case p.slash != nil:
		info.ModTime = p.slash.modTime()
	case p.newest.IsZero():
		info.ModTime = p.made
	}
	return info
}

// lookSize is how many blobs one look at a name asks for: some that lie between
// the name and what is below it ("in-2026" comes before "in/"), and some below.
const lookSize = 16

// look asks what is at the name: with one request, which lists the blobs whose
// names begin so, unless many of them come before what lies below. Then it takes
// a second, but not where the first has told enough.
func (b *Backend) look(ctx context.Context, name string, enough func(place) bool) (place, error) {
	var p place
	passed, err := b.scan(ctx, name, func(item *container.BlobItem) bool { return p.add(name, item) }, func() bool { return true })
	b.recall(&p, name)
	if err != nil || passed || p.more || enough(p) {
		return p, err
	}
	below, err := b.lookBelow(ctx, name)
	below.blob = p.blob
	return below, err
}

// What can be enough to know.
func anything(p place) bool { return p.blob != nil || p.isDir() }
func whole(p place) bool    { return p.more }

// lookBelow asks with one request what lies below the name.
func (b *Backend) lookBelow(ctx context.Context, name string) (place, error) {
	var p place
	_, err := b.scan(ctx, dirPrefix(name), func(item *container.BlobItem) bool { return p.add(name, item) }, func() bool { return p.more })
	b.recall(&p, name)
	return p, err
}

// recall adds what is known of directories without a marker.
func (b *Backend) recall(p *place, name string) {
	made, below := b.made.at(name)
	p.made, p.more = made, p.more || below
}

// add takes note of one blob, and reports false when all that come after it are
// about other names.
func (p *place) add(name string, item *container.BlobItem) bool {
	info := itemInfo(item)
	switch below := dirPrefix(name); {
	case *item.Name == name:
		p.blob = &info
	case *item.Name == below:
		p.slash = &info
	case strings.HasPrefix(*item.Name, below):
		p.more = true
		if t := info.modTime(); t.After(p.newest) {
			p.newest = t
		}
	default:
		return *item.Name < below
	}
	return true
}

// scan calls add for the blobs whose names begin with prefix until it says that
// no more of them matter, or until enough says so after a page. It reports whether
// there are no more that matter. A page may be empty and yet not the last.
func (b *Backend) scan(ctx context.Context, prefix string, add func(*container.BlobItem) bool, enough func() bool) (passed bool, err error) {
	pager := b.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		Prefix: to.Ptr(prefix), MaxResults: to.Ptr[int32](lookSize), Include: container.ListBlobsInclude{Metadata: true},
	})
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return false, fail(ctx, err)
		}
		if page.Segment == nil || len(page.Segment.BlobItems) == 0 {
			continue
		}
		for _, item := range page.Segment.BlobItems {
			if !add(item) {
				return true, nil
			}
		}
		if enough() {
			break
		}
	}
	return !pager.More(), nil
}
