package azblob

import (
	"context"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// lookSize is how many blobs look requests at once: some between the name and the blobs
// below it ("in-2026" precedes "in/"), and some below.
const lookSize = 16

// look finds out what is at the name, with one request that lists the blobs whose names
// begin with it. When many of them precede the blobs below it, it needs a second request,
// unless the first one has shown enough.
func (f *flat) look(ctx context.Context, name string, enough func(place) bool) (place, error) {
	var p place
	passed, err := f.store.scan(ctx, name, func(item *container.BlobItem) bool { return p.add(name, item) }, func() bool { return true })
	f.recall(&p, name)
	if err != nil || passed || p.more || enough(p) {
		return p, err
	}
	lower, err := f.below(ctx, name)
	lower.blob = p.blob
	return lower, err
}

// below finds out with one request what lies below the name.
func (f *flat) below(ctx context.Context, name string) (place, error) {
	var p place
	_, err := f.store.scan(ctx, dirPrefix(name), func(item *container.BlobItem) bool { return p.add(name, item) }, func() bool { return p.more })
	f.recall(&p, name)
	return p, err
}

// recall adds directories without a marker that this process remembers.
func (f *flat) recall(p *place, name string) {
	made, within := f.made.at(name)
	p.made, p.more = made, p.more || within
}

// add records one blob, and returns false when all that follow belong to other names.
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
