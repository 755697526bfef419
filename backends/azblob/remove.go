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
	return b.removeFile(ctx, name)
}

// removeTries bounds how often the file that is to be removed is looked at again
// because it changed.
const removeTries = 5

// removeFile looks at the blob first: it may be the marker of a directory, and no
// condition of a deletion can tell one from a file. What is deleted is what was
// seen.
func (b *Backend) removeFile(ctx context.Context, name string) error {
	var changed error
	for range removeTries {
		props, err := b.head(ctx, name)
		switch {
		case vfs.KindOf(err) == vfs.KindNotExist && err != nil:
			return b.removeNoFile(ctx, name, err)
		case err != nil:
			return err
		case props.info().isMarker():
			return vfs.NewError(vfs.KindIsDir, nil)
		}
		changed = b.remove(ctx, name, version(props.ETag))
		if vfs.KindOf(changed) != vfs.KindConflict || changed == nil {
			return changed
		}
	}
	return changed
}

// removeNoFile says what is at a name that no blob has.
func (b *Backend) removeNoFile(ctx context.Context, name string, cause error) error {
	below, err := b.lookBelow(ctx, name)
	switch {
	case err != nil:
		return err
	case below.isDir():
		return vfs.NewError(vfs.KindIsDir, cause)
	}
	return cause
}

// removeDir removes the markers of a directory that holds nothing else.
func (b *Backend) removeDir(ctx context.Context, name string) error {
	p, err := b.look(ctx, name, whole)
	switch {
	case err != nil:
		return err
	case p.isFile() && !p.isDir():
		return vfs.NewError(vfs.KindNotDir, nil)
	case !p.isDir():
		return vfs.NewError(vfs.KindNotExist, nil)
	case p.more || p.slash != nil && p.slash.size > 0:
		// A blob "name/" that has content is somebody's data.
		return vfs.NewError(vfs.KindNotEmpty, nil)
	}
	if p.slash != nil {
		if err := b.remove(ctx, dirPrefix(name), version(p.slash.etag)); err != nil {
			return err
		}
	}
	if p.blob != nil && p.blob.isMarker() {
		if err := b.remove(ctx, name, version(p.blob.etag)); err != nil {
			return err
		}
	}
	b.made.remove(name)
	return nil
}

// remove deletes one blob of the given version.
func (b *Backend) remove(ctx context.Context, name, v string) error {
	counted, tries := counting(ctx)
	return b.removeCounted(counted, name, v, tries)
}

// removeCounted is remove in a context that counts the attempts.
func (b *Backend) removeCounted(ctx context.Context, name, v string, tries *attempts) error {
	_, err := b.container.NewBlobClient(name).Delete(ctx, &blob.DeleteOptions{AccessConditions: conditions(v, false)})
	if err == nil || notFound(err) && tries.repeated() {
		// Gone at the second attempt: the first did it.
		return nil
	}
	return fail(ctx, err)
}
