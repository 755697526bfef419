package azblob

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/vfs"
)

// Rename moves a file by a copy within the service, or a directory by one copy
// for each blob.
//
// A file whose version the caller knows takes two requests: the copy and the
// deletion, both on condition that the source is still that version. Otherwise
// a HEAD comes first. The copy replaces the target at once for its readers.
// When the deletion fails, source and copy are both there; with NoReplace the
// copy is taken back.
func (b *Backend) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	if from.IsRoot() {
		return vfs.NewError(vfs.KindInvalid, nil)
	}
	if to.IsRoot() {
		return b.renameToRoot(ctx, from)
	}
	src, err := blobName(from)
	if err != nil {
		return err
	}
	dst, err := blobName(to)
	if err != nil {
		return err
	}
	if o.Version != "" && src != dst {
		return b.renameFile(ctx, src, dst, o.Version, o.NoReplace)
	}
	props, err := b.head(ctx, src)
	switch {
	case err == nil && !props.info().isMarker():
		return b.renameKnown(ctx, src, dst, version(props.ETag), o)
	case err == nil:
		return b.renameDir(ctx, src, dst, version(props.ETag))
	case vfs.KindOf(err) == vfs.KindNotExist && o.Version == "":
		return b.renameDir(ctx, src, dst, "")
	}
	return err
}

// renameToRoot says why nothing can take the place of the root.
func (b *Backend) renameToRoot(ctx context.Context, from vfs.Path) error {
	info, err := b.Stat(ctx, from, vfs.TypeAny)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return vfs.NewError(vfs.KindExist, nil)
	}
	return vfs.NewError(vfs.KindIsDir, nil)
}

// renameKnown renames a file after a HEAD told its version.
func (b *Backend) renameKnown(ctx context.Context, src, dst, v string, o vfs.RenameOptions) error {
	switch {
	case o.Version != "" && o.Version != v:
		return vfs.NewError(vfs.KindConflict, nil)
	case src != dst:
		return b.renameFile(ctx, src, dst, v, o.NoReplace)
	case o.NoReplace:
		return vfs.NewError(vfs.KindExist, nil)
	}
	return nil // to its own name: a copy and a deletion would lose it
}

func (b *Backend) renameFile(ctx context.Context, src, dst, v string, noReplace bool) error {
	made, err := b.copy(ctx, src, v, dst, noReplace)
	if err != nil {
		return err
	}
	err = b.remove(ctx, src, v)
	if err == nil {
		return nil
	}
	if vfs.KindOf(err) == vfs.KindNotExist {
		// Somebody else took the source away after the copy.
		err = vfs.NewError(vfs.KindConflict, err)
	}
	if !noReplace {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	return errors.Join(err, b.remove(ctx, dst, made))
}

// maxSourceURL is what the service takes as the source of a copy.
const maxSourceURL = 2 << 10

// copy copies the version v of a blob with its properties and metadata, and
// returns the version of the copy. With absent the target must not be there:
// KindExist.
func (b *Backend) copy(ctx context.Context, src, v, dst string, absent bool) (string, error) {
	source := b.container.NewBlobClient(src).URL()
	if len(source) > maxSourceURL {
		return "", &vfs.Error{Kind: vfs.KindInvalid, Reason: "name is too long to be renamed"}
	}
	target := b.container.NewBlobClient(dst)
	counted, tries := counting(ctx)
	answer, err := target.StartCopyFromURL(counted, source, &blob.StartCopyFromURLOptions{
		AccessConditions:               conditions("", absent),
		SourceModifiedAccessConditions: &blob.SourceModifiedAccessConditions{SourceIfMatch: etagOf(v)},
	})
	if err != nil {
		err = fail(ctx, err)
		if absent && vfs.KindOf(err) == vfs.KindConflict && hasStatus(err, http.StatusPreconditionFailed) && !isSourceCondition(err) {
			err = vfs.NewError(vfs.KindExist, err)
		}
		if vfs.KindOf(err) == vfs.KindExist && tries.repeated() {
			return b.ownCopy(ctx, source, dst, err)
		}
		return "", err
	}
	if answer.CopyStatus != nil && *answer.CopyStatus != blob.CopyStatusTypeSuccess {
		return b.awaitCopy(ctx, dst, answer.CopyID)
	}
	return version(answer.ETag), nil
}

// ownCopy finds out whether the target that is there is the copy which an
// earlier attempt made: the service remembers what a blob was copied from until
// it is changed.
func (b *Backend) ownCopy(ctx context.Context, source, dst string, cause error) (string, error) {
	props, err := b.head(ctx, dst)
	if err != nil {
		return "", errors.Join(cause, err)
	}
	if props.CopySource == nil || !sameBlob(*props.CopySource, source) {
		return "", cause
	}
	if props.CopyStatus != nil && *props.CopyStatus == blob.CopyStatusTypePending {
		return b.awaitCopy(ctx, dst, props.CopyID)
	}
	return version(props.ETag), nil
}

const (
	firstPoll = 50 * time.Millisecond
	lastPoll  = 2 * time.Second
)

// awaitCopy waits for a copy that goes on after the answer, which happens
// within one account only for what lies in another tier or is very large. When
// ctx ends the copy is aborted.
func (b *Backend) awaitCopy(ctx context.Context, dst string, id *string) (string, error) {
	wait := firstPoll
	for {
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			b.abortCopy(ctx, dst, id)
			return "", fail(ctx, context.Cause(ctx))
		}
		wait = min(2*wait, lastPoll)
		props, err := b.head(ctx, dst)
		switch {
		case err != nil:
			b.abortCopy(ctx, dst, id)
			return "", err
		case props.CopyStatus == nil || id != nil && props.CopyID != nil && *props.CopyID != *id:
			return "", vfs.NewError(vfs.KindConflict, errors.New("azblob: the target of the copy was replaced"))
		case *props.CopyStatus == blob.CopyStatusTypeSuccess:
			return version(props.ETag), nil
		case *props.CopyStatus != blob.CopyStatusTypePending:
			text := string(*props.CopyStatus)
			if props.CopyStatusDescription != nil {
				text += ": " + *props.CopyStatusDescription
			}
			b.dropCopy(ctx, dst, id)
			return "", vfs.NewError(vfs.KindUnavailable, errors.New("azblob: copy "+text))
		}
	}
}

// abortCopy gives up a copy that is under way, and removes the empty blob that
// remains of it.
func (b *Backend) abortCopy(ctx context.Context, dst string, id *string) {
	if id == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	if _, err := b.container.NewBlobClient(dst).AbortCopyFromURL(ctx, *id, nil); err != nil {
		b.log.WarnContext(ctx, "cannot abort a copy", "blob", dst, "err", err)
		return
	}
	b.dropCopy(ctx, dst, id)
}

// dropCopy removes what a copy that was aborted or has failed leaves at its
// target: an empty blob. Anything that came there since stays.
func (b *Backend) dropCopy(ctx context.Context, dst string, id *string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	props, err := b.head(ctx, dst)
	if err != nil || id == nil || props.CopyID == nil || *props.CopyID != *id {
		return
	}
	if err := b.remove(ctx, dst, version(props.ETag)); err != nil {
		b.log.WarnContext(ctx, "cannot remove what is left of a copy", "blob", dst, "err", err)
	}
}

// sameBlob compares two URLs without the query, which may be a signature.
func sameBlob(a, b string) bool {
	ua, errA := url.Parse(a)
	ub, errB := url.Parse(b)
	return errA == nil && errB == nil && ua.Host == ub.Host && ua.Path == ub.Path
}

// isSourceCondition reports whether it is the source that has changed.
func isSourceCondition(err error) bool {
	return bloberror.HasCode(err, bloberror.SourceConditionNotMet)
}
