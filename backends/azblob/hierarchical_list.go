package azblob

import (
	"context"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/vfs"
)

// list sends one request for each page of entries. A listing of an empty directory is the
// same as that of a missing one, so that the name is looked up then.
func (h *hierarchical) list(ctx context.Context, p vfs.Path, name string, yield func(vfs.Info, error) bool) {
	prefix := dirPrefix(name)
	pager := h.store.container.NewListBlobsHierarchyPager(delimiter, &container.ListBlobsHierarchyOptions{
		Prefix:     to.Ptr(prefix),
		MaxResults: to.Ptr(h.pageSize),
		Include:    container.ListBlobsInclude{Metadata: true, Permissions: h.o.ShowAccess},
	})
	slot := pageSlot{slots: h.pages}
	defer slot.release()
	found, hidden := false, 0
	for pager.More() {
		page, err := pager.NextPage(slot.in(ctx))
		if err != nil {
			yield(vfs.Info{}, fail(ctx, err))
			return
		}
		entries, more := h.page(p, prefix, page.Segment)
		slot.release()
		found, hidden = found || len(entries)+more > 0, hidden+more
		for i, entry := range entries {
			entries[i] = vfs.Info{}
			if !yield(entry, nil) {
				return
			}
		}
	}
	if hidden > 0 {
		h.store.log.DebugContext(ctx, "listing omits invalid names", "path", p.String(), "entries", hidden)
	}
	if !found && !p.IsRoot() {
		h.listNothing(ctx, name, p.Base(), yield)
	}
}

// listNothing yields the error of a name below which nothing lies, unless it is a directory.
func (h *hierarchical) listNothing(ctx context.Context, name, base string, yield func(vfs.Info, error) bool) {
	at, err := h.look(ctx, name, anything)
	switch {
	case err != nil:
		yield(vfs.Info{}, err)
	case at.isFile():
		info := at.blob.entry(base)
		yield(vfs.Info{}, &vfs.Error{Kind: vfs.KindNotDir, Found: &info})
	case !at.isDir():
		yield(vfs.Info{}, vfs.NewError(vfs.KindNotExist, nil))
	}
}

// page returns the entries of one page, and how many others it has.
func (h *hierarchical) page(dir vfs.Path, prefix string, segment *container.BlobHierarchyListSegment) (entries []vfs.Info, hidden int) {
	if segment == nil {
		return nil, 0
	}
	entries = make([]vfs.Info, 0, len(segment.BlobItems)+len(segment.BlobPrefixes))
	add := func(name string, info blobInfo) {
		element, ok := entryName(dir, strings.TrimPrefix(name, prefix))
		switch {
		case !ok:
			hidden++
		case !isAside(name):
			entries = append(entries, info.entry(element))
		}
	}
	for i, item := range segment.BlobItems {
		segment.BlobItems[i] = nil // the pager holds the page until it has the next
		if info := itemInfo(item); !info.isDir {
			add(*item.Name, info)
		}
	}
	for i, p := range segment.BlobPrefixes {
		segment.BlobPrefixes[i] = nil
		info := itemInfo(&container.BlobItem{Properties: p.Properties})
		info.isDir = true
		add(strings.TrimSuffix(*p.Name, delimiter), info)
	}
	return entries, hidden
}
