package azblob

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

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
	err = b.removeAny(ctx, name)
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

// removeAny deletes the blob whatever its version is, unless it is newer than
// the fence: then that version.
func (b *Backend) removeAny(ctx context.Context, name string) error {
	fence := b.newFence()
	counted, tries := counting(ctx)
	err := b.delete(counted, name, fence.conditions(), tries)
	b.pass(ctx, fence, tries)
	if !bloberror.HasCode(err, bloberror.ConditionNotMet) {
		return err
	}
	props, err := b.head(ctx, name)
	if err != nil {
		return err
	}
	return b.remove(ctx, name, version(props.ETag))
}

// remove deletes one blob of the given version.
func (b *Backend) remove(ctx context.Context, name, v string) error {
	counted, tries := counting(ctx)
	return b.delete(counted, name, conditions(v, false), tries)
}

// delete sends the request for remove and removeAny.
func (b *Backend) delete(ctx context.Context, name string, c *blob.AccessConditions, tries *attempts) error {
	_, err := b.container.NewBlobClient(name).Delete(ctx, &blob.DeleteOptions{AccessConditions: c})
	if err == nil || notFound(err) && tries.repeated() {
		// Gone at the second attempt: the first did it.
		return nil
	}
	return fail(ctx, err)
}
