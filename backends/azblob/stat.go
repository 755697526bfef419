package azblob

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/vfs"
)

// Stat returns the entry at p. A file takes one request, and so does a
// directory that is asked for as such and holds anything.
func (b *Backend) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	if p.IsRoot() {
		if want == vfs.TypeFile {
			return vfs.Info{}, vfs.NewError(vfs.KindIsDir, nil)
		}
		return vfs.Info{Type: vfs.TypeDir}, nil
	}
	name, err := blobName(p)
	if err != nil {
		return vfs.Info{}, err
	}
	if want == vfs.TypeDir {
		return b.statDir(ctx, name, p.Base())
	}
	props, err := b.head(ctx, name)
	switch {
	case err == nil:
		info := props.info().entry(p.Base())
		if info.IsDir() && want == vfs.TypeFile {
			return vfs.Info{}, vfs.NewError(vfs.KindIsDir, nil)
		}
		return info, nil
	case vfs.KindOf(err) != vfs.KindNotExist || want == vfs.TypeFile:
		return vfs.Info{}, err
	}
	info, found, lookErr := b.look(ctx, name, p.Base())
	switch {
	case lookErr != nil:
		return vfs.Info{}, lookErr
	case !found:
		return vfs.Info{}, err
	}
	return info, nil
}

// statDir looks below the directory first, where our marker lies too, and for
// another tool's marker only when nothing is there.
func (b *Backend) statDir(ctx context.Context, name, base string) (vfs.Info, error) {
	info, found, err := b.look(ctx, name, base)
	if err != nil || found {
		return info, err
	}
	props, err := b.head(ctx, name)
	if err != nil {
		return vfs.Info{}, err
	}
	if info = props.info().entry(base); !info.IsDir() {
		return vfs.Info{}, vfs.NewError(vfs.KindNotDir, nil)
	}
	return info, nil
}

// look reports whether the blob name is a directory because our marker or
// anything else lies below it. It takes one request. The time is the marker's.
func (b *Backend) look(ctx context.Context, name, base string) (info vfs.Info, found bool, err error) {
	below, err := b.below(ctx, name, 1)
	if err != nil || len(below) == 0 {
		return vfs.Info{}, false, err
	}
	info = vfs.Info{Name: base, Type: vfs.TypeDir}
	if *below[0].Name == dirPrefix(name) && below[0].Properties != nil && below[0].Properties.LastModified != nil {
		info.ModTime = *below[0].Properties.LastModified
	}
	return info, true, nil
}

// below returns the first blobs below the directory, up to n of them, without
// metadata. Our marker is the first when it is there.
func (b *Backend) below(ctx context.Context, name string, n int32) ([]*container.BlobItem, error) {
	pager := b.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		Prefix: to.Ptr(dirPrefix(name)), MaxResults: to.Ptr(n),
	})
	var found []*container.BlobItem
	// A page may be empty and yet not the last.
	for int32(len(found)) < n && pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, fail(ctx, err)
		}
		if page.Segment != nil {
			found = append(found, page.Segment.BlobItems...)
		}
	}
	return found, nil
}

// properties are the answer to a HEAD.
type properties struct{ blob.GetPropertiesResponse }

func (p properties) info() blobInfo {
	i := blobInfo{lastModified: p.LastModified, etag: p.ETag, meta: p.Metadata, md5: p.ContentMD5}
	if p.ContentLength != nil {
		i.size = *p.ContentLength
	}
	return i
}

// head asks for one blob. The error has a kind.
func (b *Backend) head(ctx context.Context, name string) (properties, error) {
	answer, err := b.container.NewBlobClient(name).GetProperties(ctx, nil)
	if err != nil {
		return properties{}, fail(ctx, err)
	}
	return properties{answer}, nil
}
