package azblob

import (
	"context"
	"errors"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/vfs"
)

// maxSourceURL is the longest URL that the service accepts as the source of a copy.
const maxSourceURL = 2 << 10

// blobCopy is one copy within the service, with properties and metadata.
type blobCopy struct {
	src  string
	from blobInfo // the source; no other version of it is copied
	dst  string
	over string // the version that the copy replaces; "": no blob may be there
	// meta replaces the metadata of the source. Its metaUpload identifies this copy.
	meta metadata
}

// errTarget is in the chain of the error when the target does not meet the condition of
// the copy: KindExist when a blob is there, otherwise KindConflict.
var errTarget = errors.New("azblob: the target of the copy was changed")

// copy makes the copy. What it returns always has an ETag and a time. When the answer was
// lost, the target shows whether the copy was made. KindUnavailable also means that an
// attempt may still be carried out; it changes nothing when the target has another version
// by then.
func (s *store) copy(ctx context.Context, c blobCopy) (blobInfo, error) {
	if len(s.sourceURL(c)) > maxSourceURL {
		return blobInfo{}, &vfs.Error{Kind: vfs.KindInvalid, Reason: "name is too long to be renamed or copied"}
	}
	tags, err := s.keptTags(ctx, c.src, c.from)
	if err != nil {
		return blobInfo{}, err
	}
	counted, tries := counting(ctx)
	answer, err := s.startCopy(counted, c, tags)
	if err == nil {
		return s.madeCopy(ctx, c, answer)
	}
	if bloberror.HasCode(err, bloberror.TargetConditionNotMet, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists) {
		kind := vfs.KindConflict
		if c.over == "" {
			kind = vfs.KindExist
		}
		err = vfs.NewError(kind, join(errTarget, fail(ctx, err)))
	}
	err = fail(ctx, err)
	if !tries.repeated() && !tries.lost() {
		return blobInfo{}, err
	}
	made, looked := s.ownCopy(ctx, c, err)
	if kind := vfs.KindOf(err); looked != nil && (kind == vfs.KindCanceled || kind == vfs.KindUnavailable) {
		return blobInfo{}, vfs.NewError(vfs.KindUnavailable, looked)
	}
	return made, looked
}

// sourceURL returns the URL of the source, which may contain a SAS.
func (s *store) sourceURL(c blobCopy) string { return s.container.NewBlobClient(c.src).URL() }

// startCopy requests the copy. The service gives a copy the access tier of the account, so
// that a tier that was chosen for the source is requested with it, and index tags where
// they are kept. (With a tier that is not online, the copy would take hours.)
func (s *store) startCopy(ctx context.Context, c blobCopy, tags map[string]string) (blob.StartCopyFromURLResponse, error) {
	o := &blob.StartCopyFromURLOptions{
		AccessConditions:               conditions(c.over, c.over == ""),
		Metadata:                       c.meta,
		BlobTags:                       tags,
		Tier:                           c.from.keptTier(),
		SourceModifiedAccessConditions: &blob.SourceModifiedAccessConditions{SourceIfMatch: etagOf(version(c.from.etag))},
	}
	return s.container.NewBlobClient(c.dst).StartCopyFromURL(ctx, s.sourceURL(c), o)
}

// madeCopy returns an accepted copy once it is complete.
func (s *store) madeCopy(ctx context.Context, c blobCopy, answer blob.StartCopyFromURLResponse) (blobInfo, error) {
	if answer.CopyStatus != nil && *answer.CopyStatus != blob.CopyStatusTypeSuccess {
		return s.awaitCopy(ctx, c.dst, answer.CopyID)
	}
	return blobInfo{lastModified: answer.LastModified, etag: answer.ETag}, nil
}

// ownCopy finds out, also after the end of ctx, whether the target is the copy that an
// earlier attempt made. It returns cause when it is not, and KindUnavailable when that
// cannot be determined.
func (s *store) ownCopy(ctx context.Context, c blobCopy, cause error) (blobInfo, error) {
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	props, err := s.head(looking, c.dst)
	switch {
	case vfs.KindOf(err) == vfs.KindNotExist && err != nil:
		return blobInfo{}, join(cause, err)
	case err != nil:
		return blobInfo{}, failAs(vfs.KindUnavailable, cause, err)
	}
	switch {
	case props.info().meta.get(metaUpload) != c.meta.get(metaUpload):
		return blobInfo{}, cause
	case props.CopyStatus == nil || hasCopied(props):
		return props.info(), nil
	case isPending(props):
		return s.awaitCopy(ctx, c.dst, props.CopyID)
	}
	s.dropCopy(ctx, c.dst, props.CopyID)
	return blobInfo{}, cause
}

const (
	firstPoll = 50 * time.Millisecond
	lastPoll  = 2 * time.Second
)

// awaitCopy waits for a copy that continues after the answer. Within one account that
// happens only where the source is in another tier or very large. When ctx ends, the copy
// is aborted.
func (s *store) awaitCopy(ctx context.Context, dst string, id *string) (blobInfo, error) {
	wait := firstPoll
	for {
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return s.abortCopy(ctx, dst, id, fail(ctx, context.Cause(ctx)))
		}
		wait = min(2*wait, lastPoll)
		props, err := s.head(ctx, dst)
		switch {
		case err != nil:
			return s.abortCopy(ctx, dst, id, err)
		case props.CopyStatus == nil || id != nil && props.CopyID != nil && *props.CopyID != *id:
			return blobInfo{}, vfs.NewError(vfs.KindConflict, errors.New("azblob: the target of the copy was replaced"))
		case hasCopied(props):
			return props.info(), nil
		case !isPending(props):
			text := string(*props.CopyStatus)
			if props.CopyStatusDescription != nil {
				text += ": " + *props.CopyStatusDescription
			}
			s.dropCopy(ctx, dst, id)
			return blobInfo{}, vfs.NewError(vfs.KindUnavailable, errors.New("azblob: copy "+text))
		}
	}
}

// abortCopy aborts a pending copy, removes the empty blob that remains of it, and returns
// cause. A copy that is complete by now stays and is a success.
func (s *store) abortCopy(ctx context.Context, dst string, id *string, cause error) (blobInfo, error) {
	if id == nil {
		return blobInfo{}, cause
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	if _, err := s.container.NewBlobClient(dst).AbortCopyFromURL(ctx, *id, nil); err != nil {
		props, headErr := s.head(ctx, dst)
		switch {
		case headErr == nil && props.CopyID != nil && *props.CopyID == *id && hasCopied(props):
			return props.info(), nil
		case headErr != nil || isPending(props):
			s.log.WarnContext(ctx, "cannot abort a copy", "blob", dst, "err", fail(ctx, err))
			return blobInfo{}, failAs(vfs.KindUnavailable, cause, err)
		}
	}
	s.dropCopy(ctx, dst, id)
	return blobInfo{}, cause
}

// hasCopied reports whether a blob is a complete copy.
func hasCopied(p properties) bool {
	return p.CopyStatus != nil && *p.CopyStatus == blob.CopyStatusTypeSuccess
}

// isPending reports whether a blob is a copy that is not complete yet.
func isPending(p properties) bool {
	return p.CopyStatus != nil && *p.CopyStatus == blob.CopyStatusTypePending
}

// dropCopy removes the empty blob that an aborted or failed copy leaves at its target. A
// blob that has replaced it since stays.
func (s *store) dropCopy(ctx context.Context, dst string, id *string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	props, err := s.head(ctx, dst)
	if err != nil || id == nil || props.CopyID == nil || *props.CopyID != *id {
		return
	}
	if err := s.remove(ctx, dst, version(props.ETag)); err != nil {
		s.log.WarnContext(ctx, "cannot remove the rest of a copy", "blob", dst, "err", err)
	}
}
