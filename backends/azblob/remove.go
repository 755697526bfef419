package azblob

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/tidegate/tidegate/vfs"
)

// Remove removes the file or the empty directory at p. Snapshots of a file are
// never removed with it: such a file is KindLocked.
func (b *Backend) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	if p.IsRoot() {
		return vfs.NewError(vfs.KindPermission, nil)
	}
	name, err := blobName(p)
	if err != nil {
		return err
	}
	if want == vfs.TypeDir {
		return b.removeDir(ctx, name)
	}
	err = b.remove(ctx, name, "")
	if vfs.KindOf(err) != vfs.KindNotExist {
		return err
	}
	_, found, lookErr := b.look(ctx, name, "")
	switch {
	case lookErr != nil:
		return lookErr
	case found:
		return vfs.NewError(vfs.KindIsDir, err)
	}
	return err
}

// removeDir removes the marker of a directory that holds nothing else: ours, or
// that of another tool when there is none of ours.
func (b *Backend) removeDir(ctx context.Context, name string) error {
	below, err := b.below(ctx, name, 2)
	if err != nil {
		return err
	}
	if len(below) == 0 {
		props, err := b.head(ctx, name)
		switch {
		case err != nil:
			return err
		case !props.info().isMarker():
			return vfs.NewError(vfs.KindNotDir, nil)
		}
		return b.remove(ctx, name, version(props.ETag))
	}
	marker := itemInfo(below[0])
	// A blob of the marker's name that has content is somebody's data.
	if len(below) > 1 || *below[0].Name != dirPrefix(name) || marker.size > 0 {
		return vfs.NewError(vfs.KindNotEmpty, nil)
	}
	return b.remove(ctx, dirPrefix(name), version(marker.etag))
}

// remove deletes one blob, of the given version unless that is "".
func (b *Backend) remove(ctx context.Context, name, v string) error {
	counted, tries := counting(ctx)
	_, err := b.container.NewBlobClient(name).Delete(counted, &blob.DeleteOptions{AccessConditions: conditions(v, false)})
	if err == nil || notFound(err) && tries.repeated() {
		// Gone at the second attempt: the first did it.
		return nil
	}
	return fail(ctx, err)
}
