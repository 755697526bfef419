package azblob

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"

	"github.com/tidegate/tidegate/vfs"
)

// Stat returns the entry at p. A file takes one request, and so does a
// directory that is asked for as such or has a marker of its own name.
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
	below, lookErr := b.lookBelow(ctx, name)
	switch {
	case lookErr != nil:
		return vfs.Info{}, lookErr
	case !below.isDir():
		return vfs.Info{}, err
	}
	return below.dir(p.Base()), nil
}

// statDir looks for the directory alone, which a file may stand beside.
func (b *Backend) statDir(ctx context.Context, name, base string) (vfs.Info, error) {
	p, err := b.look(ctx, name, place.isDir)
	switch {
	case err != nil:
		return vfs.Info{}, err
	case p.isDir():
		return p.dir(base), nil
	case p.isFile():
		return vfs.Info{}, vfs.NewError(vfs.KindNotDir, nil)
	}
	return vfs.Info{}, vfs.NewError(vfs.KindNotExist, nil)
}

// properties are the answer to a HEAD.
type properties struct{ blob.GetPropertiesResponse }

func (p properties) info() blobInfo {
	i := blobInfo{lastModified: p.LastModified, etag: p.ETag, meta: p.Metadata, md5: p.ContentMD5}
	if p.ContentLength != nil {
		i.size = *p.ContentLength
	}
	if p.AccessTier != nil && (p.AccessTierInferred == nil || !*p.AccessTierInferred) {
		i.tier = blob.AccessTier(*p.AccessTier)
	}
	i.tagged = p.TagCount != nil && *p.TagCount > 0
	i.leased = p.LeaseStatus != nil && *p.LeaseStatus == lease.StatusTypeLocked
	i.held, i.retained = p.LegalHold != nil && *p.LegalHold, p.ImmutabilityPolicyExpiresOn
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
