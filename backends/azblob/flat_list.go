package azblob

import (
	"context"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/vfs"
)

// list sends one request for each page of entries. Within a page files come
// before directories.
func (f *flat) list(ctx context.Context, p vfs.Path, name string, yield func(vfs.Info, error) bool) {
	l := lister{dir: p, prefix: dirPrefix(name), yield: yield, made: f.made.children(name)}
	pager := f.store.container.NewListBlobsHierarchyPager(delimiter, &container.ListBlobsHierarchyOptions{
		Prefix:     to.Ptr(l.prefix),
		MaxResults: to.Ptr(f.pageSize),
		Include:    container.ListBlobsInclude{Metadata: true},
	})
	slot := pageSlot{slots: f.pages}
	defer slot.release()
	for pager.More() {
		page, err := pager.NextPage(slot.in(ctx))
		if err != nil {
			yield(vfs.Info{}, fail(ctx, err))
			return
		}
		entries := l.page(page.Segment)
		slot.release()
		if !l.report(entries) {
			return
		}
	}
	if l.hidden > 0 {
		f.store.log.DebugContext(ctx, "listing omits invalid names", "path", p.String(), "entries", l.hidden)
	}
	l.found = l.found || len(l.made) > 0
	if !l.rest() {
		return
	}
	if made, _ := f.made.at(name); !l.found && made.IsZero() && !p.IsRoot() {
		if err := f.emptyDir(ctx, name, p.Base()); err != nil {
			yield(vfs.Info{}, err)
		}
	}
}

// emptyDir returns nil when name, below which nothing lies, is a directory by a marker of
// its own name.
func (f *flat) emptyDir(ctx context.Context, name, base string) error {
	props, err := f.store.head(ctx, name)
	if err != nil {
		return err
	}
	if info := props.info().entry(base); !info.IsDir() {
		return &vfs.Error{Kind: vfs.KindNotDir, Found: &info}
	}
	return nil
}

// lister turns the pages of one directory into entries.
//
// A marker, the blob "a", and the prefix "a/" are one directory, but they are not adjacent
// in the order of names ("a-b" and "a.txt" lie between) and may be on different pages. As
// long as "a/" can follow, every name begins with "a". So the markers to remember are
// prefixes of the last name of a page, and there are at most as many as a name has
// characters.
//
// The service lists only the name of a prefix. So a directory without a marker "a" is listed
// with the time of the newest blob beside it that was listed so far.
type lister struct {
	dir    vfs.Path
	prefix string
	yield  func(vfs.Info, error) bool

	found   bool                 // any blob, including the marker of the directory itself
	hidden  int                  // entries that no path can name
	newest  time.Time            // of the blobs that were listed so far
	made    map[string]time.Time // directories that may have no blobs
	markers map[string]struct{}  // markers whose prefix may follow, by blob name
}

// page returns the entries of one page. They take a third of the memory of the SDK's items.
// While a slow caller takes them, only the entries are kept.
func (l *lister) page(segment *container.BlobHierarchyListSegment) []vfs.Info {
	if segment == nil {
		return nil
	}
	lastItem, lastPrefix := last(segment)
	entries := make([]vfs.Info, 0, len(segment.BlobItems)+len(segment.BlobPrefixes))
	for i, item := range segment.BlobItems {
		segment.BlobItems[i] = nil // the pager holds the page until it has the next
		l.found = true
		info := itemInfo(item)
		if t := info.modTime(); t.After(l.newest) {
			l.newest = t
		}
		if *item.Name == l.prefix {
			continue // the marker of the directory itself
		}
		element, ok := entryName(l.dir, strings.TrimPrefix(*item.Name, l.prefix))
		if !ok {
			l.hidden++
			continue
		}
		if info.isMarker() {
			l.remember(*item.Name)
			delete(l.made, element)
		}
		entries = append(entries, info.entry(element))
	}
	for i, p := range segment.BlobPrefixes {
		segment.BlobPrefixes[i] = nil
		l.found = true
		name := strings.TrimSuffix(*p.Name, delimiter)
		if _, shown := l.markers[name]; shown {
			delete(l.markers, name)
			continue
		}
		element, ok := entryName(l.dir, strings.TrimPrefix(name, l.prefix))
		if !ok {
			l.hidden++
			continue
		}
		delete(l.made, element)
		entries = append(entries, vfs.Info{Name: element, Type: vfs.TypeDir, ModTime: l.newest})
	}
	l.forget(lastItem, lastPrefix)
	return entries
}

// report yields entries, and reports whether to continue.
func (l *lister) report(entries []vfs.Info) bool {
	for i, entry := range entries {
		entries[i] = vfs.Info{}
		if !l.yield(entry, nil) {
			return false
		}
	}
	return true
}

// rest yields the directories that have no blobs, and reports whether to continue.
func (l *lister) rest() bool {
	for name, at := range l.made {
		if !l.yield(vfs.Info{Name: name, Type: vfs.TypeDir, ModTime: at}, nil) {
			return false
		}
	}
	return true
}

func (l *lister) remember(name string) {
	if l.markers == nil {
		l.markers = map[string]struct{}{}
	}
	l.markers[name] = struct{}{}
}

// last returns the names of the last blob and the last prefix of a page, "" for none.
func last(segment *container.BlobHierarchyListSegment) (item, prefix string) {
	if n := len(segment.BlobItems); n > 0 {
		item = *segment.BlobItems[n-1].Name
	}
	if n := len(segment.BlobPrefixes); n > 0 {
		prefix = *segment.BlobPrefixes[n-1].Name
	}
	return item, prefix
}

// forget drops the markers whose prefix cannot follow any more. The last entry of a page
// may be its last blob or its last prefix.
func (l *lister) forget(lastItem, lastPrefix string) {
	for name := range l.markers {
		if lastItem+lastPrefix != "" && !strings.HasPrefix(lastItem, name) && !strings.HasPrefix(lastPrefix, name) {
			delete(l.markers, name)
		}
	}
}
