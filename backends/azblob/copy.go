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

// blobCopy is one copy within the service, with properties and metadata.
type blobCopy struct {
	src, version string
	dst          string
	absent       bool // the target must not be there: KindExist
	// meta is what the copy gets in the place of its source's metadata; nil
	// leaves that. Its metaUpload, when it has one, tells this copy from others.
	meta metadata
	// begun is when the first attempt was made, by the service's clock; zero
	// when that is not known.
	begun time.Time
}

// copy makes the copy. Of what is returned, ETag and time are known to be
// there. When the answer was lost, the target tells whether the copy was made;
// KindUnavailable also means that an attempt may still be carried out.
func (b *Backend) copy(ctx context.Context, c blobCopy) (blobInfo, error) {
	if len(b.sourceURL(c)) > maxSourceURL {
		return blobInfo{}, &vfs.Error{Kind: vfs.KindInvalid, Reason: "name is too long to be renamed or copied"}
	}
	c.begun = b.clock.now().Truncate(time.Second)
	counted, tries := counting(ctx)
	var answer blob.StartCopyFromURLResponse
	var err error
	if c.absent {
		answer, err = b.startCopy(counted, c, conditions("", true))
	} else {
		fence := b.newFence()
		answer, err = b.startCopy(counted, c, fence.conditions())
		b.pass(ctx, fence, tries)
	}
	if err == nil {
		return b.madeCopy(ctx, c, answer)
	}
	unmet := hasStatus(err, http.StatusPreconditionFailed) && bloberror.HasCode(err, bloberror.TargetConditionNotMet, bloberror.ConditionNotMet)
	err = fail(ctx, err)
	if c.absent && unmet {
		err = vfs.NewError(vfs.KindExist, err)
	}
	if tries.repeated() || tries.lost() {
		made, looked := b.ownCopy(ctx, c, err)
		if looked == nil {
			return made, nil
		}
		if kind := vfs.KindOf(err); kind == vfs.KindCanceled || kind == vfs.KindUnavailable {
			return blobInfo{}, vfs.NewError(vfs.KindUnavailable, looked)
		}
		err = looked
	}
	if unmet && !c.absent {
		return b.copyOverNewer(ctx, c)
	}
	return blobInfo{}, err
}

// sourceURL is what the service knows the source by. It may hold a SAS.
func (b *Backend) sourceURL(c blobCopy) string { return b.container.NewBlobClient(c.src).URL() }

// copyOverNewer goes on when the target is newer than the fence, and not our own
// copy: that version of it is replaced.
func (b *Backend) copyOverNewer(ctx context.Context, c blobCopy) (blobInfo, error) {
	over, err := b.present(ctx, c.dst)
	if err != nil {
		return blobInfo{}, err
	}
	counted, tries := counting(ctx)
	answer, err := b.startCopy(counted, c, over)
	if err == nil {
		return b.madeCopy(ctx, c, answer)
	}
	err = fail(ctx, err)
	if vfs.KindOf(err) == vfs.KindExist {
		err = vfs.NewError(vfs.KindConflict, err) // somebody made it just now
	}
	if tries.repeated() || tries.lost() {
		return b.ownCopy(ctx, c, err)
	}
	return blobInfo{}, err
}

// startCopy asks for the copy of that version of the source.
func (b *Backend) startCopy(ctx context.Context, c blobCopy, over *blob.AccessConditions) (blob.StartCopyFromURLResponse, error) {
	return b.container.NewBlobClient(c.dst).StartCopyFromURL(ctx, b.sourceURL(c), &blob.StartCopyFromURLOptions{
		AccessConditions:               over,
		Metadata:                       c.meta,
		SourceModifiedAccessConditions: &blob.SourceModifiedAccessConditions{SourceIfMatch: etagOf(c.version)},
	})
}

// madeCopy returns a copy that was accepted, when it is whole.
func (b *Backend) madeCopy(ctx context.Context, c blobCopy, answer blob.StartCopyFromURLResponse) (blobInfo, error) {
	if answer.CopyStatus != nil && *answer.CopyStatus != blob.CopyStatusTypeSuccess {
		return b.awaitCopy(ctx, c.dst, answer.CopyID)
	}
	return blobInfo{lastModified: answer.LastModified, etag: answer.ETag}, nil
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

// ownCopy finds out, although ctx may have ended, whether the target that is
// there is the copy which an earlier attempt made. It returns cause when it is
// not, and KindUnavailable when that cannot be learnt.
func (b *Backend) ownCopy(ctx context.Context, c blobCopy, cause error) (blobInfo, error) {
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	props, err := b.head(looking, c.dst)
	switch {
	case vfs.KindOf(err) == vfs.KindNotExist && err != nil:
		return blobInfo{}, errors.Join(cause, err)
	case err != nil:
		return blobInfo{}, vfs.NewError(vfs.KindUnavailable, errors.Join(cause, err))
	}
	switch ours, err := b.isCopy(looking, props, c); {
	case err != nil:
		return blobInfo{}, vfs.NewError(vfs.KindUnavailable, errors.Join(cause, err))
	case !ours:
		return blobInfo{}, cause
	case props.CopyStatus == nil || hasCopied(props):
		return props.info(), nil
	case isPending(props):
		return b.awaitCopy(ctx, c.dst, props.CopyID)
	}
	b.dropCopy(ctx, c.dst, props.CopyID)
	return blobInfo{}, cause
}

// isCopy knows a copy by the identity that it was given. Without one, the
// service remembers what a blob was copied from until it is changed; that may
// have been another copy of another content, though, after which the source must
// not be deleted: so the time and the upload that made the content count as well.
func (b *Backend) isCopy(ctx context.Context, target properties, c blobCopy) (bool, error) {
	is := target.info()
	if id := c.meta.get(metaUpload); id != "" {
		return is.meta.get(metaUpload) == id, nil
	}
	if target.CopySource == nil || !sameBlob(*target.CopySource, b.sourceURL(c)) ||
		target.CopyCompletionTime != nil && target.CopyCompletionTime.Before(c.begun) {
		return false, nil
	}
	props, err := b.head(ctx, c.src)
	if err != nil {
		return false, err
	}
	source := props.info()
	return version(source.etag) == c.version && source.meta.get(metaUpload) == is.meta.get(metaUpload) &&
		(source.size == is.size || isPending(target)), nil
}

const (
	firstPoll = 50 * time.Millisecond
	lastPoll  = 2 * time.Second
)

// awaitCopy waits for a copy that goes on after the answer, which happens
// within one account only for what lies in another tier or is very large. When
// ctx ends the copy is aborted.
func (b *Backend) awaitCopy(ctx context.Context, dst string, id *string) (blobInfo, error) {
	wait := firstPoll
	for {
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return b.giveUp(ctx, dst, id, fail(ctx, context.Cause(ctx)))
		}
		wait = min(2*wait, lastPoll)
		props, err := b.head(ctx, dst)
		switch {
		case err != nil:
			return b.giveUp(ctx, dst, id, err)
		case props.CopyStatus == nil || id != nil && props.CopyID != nil && *props.CopyID != *id:
			return blobInfo{}, vfs.NewError(vfs.KindConflict, errors.New("azblob: the target of the copy was replaced"))
		case hasCopied(props):
			return props.info(), nil
		case !isPending(props):
			text := string(*props.CopyStatus)
			if props.CopyStatusDescription != nil {
				text += ": " + *props.CopyStatusDescription
			}
			b.dropCopy(ctx, dst, id)
			return blobInfo{}, vfs.NewError(vfs.KindUnavailable, errors.New("azblob: copy "+text))
		}
	}
}

// giveUp ends a copy that is under way, removes the empty blob that remains of
// it, and returns cause. One that is whole by now stays, and is a success.
func (b *Backend) giveUp(ctx context.Context, dst string, id *string, cause error) (blobInfo, error) {
	if id == nil {
		return blobInfo{}, cause
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	if _, err := b.container.NewBlobClient(dst).AbortCopyFromURL(ctx, *id, nil); err != nil {
		props, headErr := b.head(ctx, dst)
		switch {
		case headErr == nil && props.CopyID != nil && *props.CopyID == *id && hasCopied(props):
			return props.info(), nil
		case headErr != nil || isPending(props):
			b.log.WarnContext(ctx, "cannot abort a copy", "blob", dst, "err", err)
			return blobInfo{}, vfs.NewError(vfs.KindUnavailable, errors.Join(cause, err))
		}
	}
	b.dropCopy(ctx, dst, id)
	return blobInfo{}, cause
}

// hasCopied reports whether a blob is a copy that is whole.
func hasCopied(p properties) bool {
	return p.CopyStatus != nil && *p.CopyStatus == blob.CopyStatusTypeSuccess
}

// isPending reports whether a blob is a copy that goes on.
func isPending(p properties) bool {
	return p.CopyStatus != nil && *p.CopyStatus == blob.CopyStatusTypePending
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
