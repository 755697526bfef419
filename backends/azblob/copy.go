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
	counted, tries := counting(ctx)
	var answer blob.StartCopyFromURLResponse
	var err error
	if absent {
		answer, err = b.startCopy(counted, source, v, dst, conditions("", true))
	} else {
		fence := b.newFence()
		answer, err = b.startCopy(counted, source, v, dst, fence.conditions())
		b.pass(ctx, fence, tries)
	}
	switch {
	case err == nil:
	case absent:
		err = fail(ctx, err)
		if vfs.KindOf(err) == vfs.KindConflict && hasStatus(err, http.StatusPreconditionFailed) && !isSourceCondition(err) {
			err = vfs.NewError(vfs.KindExist, err)
		}
		if vfs.KindOf(err) != vfs.KindExist || !tries.repeated() {
			return "", err
		}
		return b.ownCopy(ctx, source, dst, err)
	case bloberror.HasCode(err, bloberror.TargetConditionNotMet, bloberror.ConditionNotMet):
		return b.copyOverNewer(ctx, source, v, dst, tries, err)
	default:
		return "", fail(ctx, err)
	}
	return b.madeCopy(ctx, dst, answer)
}

// copyOverNewer goes on when the target is newer than the fence: it is our own
// copy, or that version of it is replaced.
func (b *Backend) copyOverNewer(ctx context.Context, source, v, dst string, tries *attempts, cause error) (string, error) {
	if tries.repeated() {
		if made, err := b.ownCopy(ctx, source, dst, cause); err == nil {
			return made, nil
		}
	}
	over, err := b.present(ctx, dst)
	if err != nil {
		return "", err
	}
	answer, err := b.startCopy(ctx, source, v, dst, over)
	if err != nil {
		return "", fail(ctx, err)
	}
	return b.madeCopy(ctx, dst, answer)
}

// startCopy asks for the copy of the version v of the source.
func (b *Backend) startCopy(ctx context.Context, source, v, dst string, over *blob.AccessConditions) (blob.StartCopyFromURLResponse, error) {
	return b.container.NewBlobClient(dst).StartCopyFromURL(ctx, source, &blob.StartCopyFromURLOptions{
		AccessConditions:               over,
		SourceModifiedAccessConditions: &blob.SourceModifiedAccessConditions{SourceIfMatch: etagOf(v)},
	})
}

// madeCopy returns the version of a copy that was accepted, when it is whole.
func (b *Backend) madeCopy(ctx context.Context, dst string, answer blob.StartCopyFromURLResponse) (string, error) {
	if answer.CopyStatus != nil && *answer.CopyStatus != blob.CopyStatusTypeSuccess {
		return b.awaitCopy(ctx, dst, answer.CopyID)
	}
	return version(answer.ETag), nil
}

// present returns the conditions under which a blob is as it is now.
func (b *Backend) present(ctx context.Context, name string) (*blob.AccessConditions, error) {
	props, err := b.head(ctx, name)
	switch {
	case err == nil:
		return conditions(version(props.ETag), false), nil
	case vfs.KindOf(err) == vfs.KindNotExist:
		return conditions("", true), nil
	}
	return nil, err
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
