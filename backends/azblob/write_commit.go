package azblob

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"github.com/tidegate/tidegate/vfs"
)

// verifyTimeout bounds the look at what became of a commit whose answer was
// lost. It does not end with the caller's context.
const verifyTimeout = 10 * time.Second

// newUploadID returns what makes one upload's content known again.
func newUploadID() string {
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// headersOf are the properties that a new blob gets.
func headersOf(o vfs.CreateOptions) *blob.HTTPHeaders {
	h := &blob.HTTPHeaders{}
	if o.ContentType != "" {
		h.BlobContentType = to.Ptr(o.ContentType)
	}
	if o.CacheControl != "" {
		h.BlobCacheControl = to.Ptr(o.CacheControl)
	}
	return h
}

// Commit stores what has come: with one Put Blob when that is no more than one
// block, else with the list of the blocks.
func (w *writer) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	w.mu.Lock()
	if w.state != open {
		defer w.mu.Unlock()
		if w.err != nil {
			return vfs.Info{}, w.err
		}
		return vfs.Info{}, vfs.NewError(vfs.KindCanceled, errClosed)
	}
	w.state = committing
	w.mu.Unlock()

	info, err := w.commit(ctx, o)

	w.mu.Lock()
	w.state = closed
	w.mu.Unlock()
	w.freeCurrent()
	w.free()
	return info, err
}

func (w *writer) commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	if err := w.mayCommit(ctx); err != nil {
		return vfs.Info{}, err
	}
	if w.old != nil && w.received == 0 {
		return w.commitNothing(ctx, o)
	}
	w.keepCurrent()
	var send sender
	var whole joiner
	if w.first() {
		if err := w.b.sending.take(ctx); err != nil {
			return vfs.Info{}, w.fail(err)
		}
		defer w.b.sending.free()
		w.block.Send()
		only := sum{w.crc.restart(), w.block.Size()}
		whole.add(only)
		send = func(ctx context.Context, meta metadata, c *blob.AccessConditions) (blobInfo, error) {
			return w.putOnly(ctx, meta, c, only)
		}
	} else {
		if err := w.settleBlocks(ctx); err != nil {
			return vfs.Info{}, err
		}
		for _, block := range w.put {
			whole.add(block.sum)
		}
		send = w.putBlockList
	}
	if err := w.mayCommit(ctx); err != nil {
		return vfs.Info{}, err
	}
	if w.md5 != nil {
		w.headers.BlobContentMD5 = w.md5.Sum(nil)
	}
	info, err := w.publish(ctx, send, w.metadata(o.ModTime, whole.crc))
	if err != nil {
		return vfs.Info{}, err
	}
	return info.entry(w.base), nil
}

// sender sends the one request that makes the content visible.
type sender func(context.Context, metadata, *blob.AccessConditions) (blobInfo, error)

// publishTries bounds how often the content is sent again because the blob is
// newer than what it was to replace.
const publishTries = 5

// publish makes the content visible. What may replace a file replaces whatever is
// there, within a fence. Where a directory can be a blob of a file's name, it is sent
// as if it were the first of its name: most are, it takes no request more, and where
// a blob is there it must be looked at. The version that was seen is replaced, or the
// one that this process put there when it last replaced the file. Where that changes
// all the time, whatever is there is, within a fence.
func (w *writer) publish(ctx context.Context, send sender, meta metadata) (blobInfo, error) {
	counted, tries := counting(ctx)
	if !w.replaces() {
		info, err := send(counted, meta, w.conditions())
		if err != nil {
			return w.verify(ctx, tries, err)
		}
		return info, nil
	}
	var over *blob.AccessConditions // nil is a fence
	var replaces bool
	if w.b.dirs.inFileNames() {
		guess := w.b.replaced.version(w.name)
		over, replaces = conditions(guess, guess == ""), guess != ""
	}
	for try := range publishTries {
		fence := w.b.store.newFence()
		fenced := over == nil
		if fenced {
			over = fence.conditions()
		}
		info, err := send(counted, meta, over)
		if fenced {
			w.b.store.pass(ctx, fence, tries)
		}
		if err == nil {
			w.note(info, replaces)
			return info, nil
		}
		if !bloberror.HasCode(err, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists) {
			return w.verify(ctx, tries, err)
		}
		old, ours, err := w.meet(ctx, err)
		if ours || err != nil {
			return old, err
		}
		over, replaces = nil, old.etag != nil
		if old.etag != nil && try%2 == 0 {
			over = conditions(version(old.etag), false)
		}
	}
	if tries.lost() {
		return blobInfo{}, vfs.NewError(vfs.KindUnavailable, errContended)
	}
	return blobInfo{}, vfs.NewError(vfs.KindConflict, errContended)
}

// note remembers the version that is there now when it replaced another.
func (w *writer) note(now blobInfo, replaces bool) {
	if !replaces {
		now.etag = nil
	}
	w.b.replaced.set(w.name, version(now.etag))
}

var errContended = errors.New("azblob: the blob changes all the time")

// meet looks at the blob that was in the way, and says whether it is our own. What
// it returns has no ETag when there is none: blocks that wait for a commit take a
// name at some services. A directory is not replaced.
func (w *writer) meet(ctx context.Context, cause error) (old blobInfo, ours bool, err error) {
	old, ours, err = w.lookBack(ctx)
	switch {
	case ours:
		return old, true, nil
	case vfs.KindOf(err) == vfs.KindNotExist:
		return blobInfo{}, false, nil
	case err != nil:
		return blobInfo{}, false, failAs(vfs.KindUnavailable, cause, err)
	case old.isMarker():
		return blobInfo{}, false, failAs(vfs.KindIsDir, cause)
	}
	return old, false, nil
}

// lookBack asks, although ctx may have ended, what is there after a commit that
// failed, and whether this upload made it.
func (w *writer) lookBack(ctx context.Context) (info blobInfo, ours bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	props, err := w.b.store.head(ctx, w.name)
	info = props.info()
	return info, err == nil && info.meta.get(metaUpload) == w.upload, err
}

// mayCommit refuses after a failure and after the end of either context.
func (w *writer) mayCommit(ctx context.Context) error {
	if w.ctx.Err() != nil {
		return w.fail(context.Cause(w.ctx))
	}
	if ctx.Err() != nil {
		return w.fail(context.Cause(ctx))
	}
	return nil
}

// settleBlocks sends what is left and waits until all blocks are stored.
func (w *writer) settleBlocks(ctx context.Context) error {
	// The end of the commit's context ends the staging.
	stop := context.AfterFunc(ctx, func() { _ = w.fail(context.Cause(ctx)) })
	defer stop()
	if err := w.seal(); err != nil {
		return err
	}
	w.staging.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// metadata is what the blob is to carry: that of the old one when this appends,
// and our own keys. crc is that of what was received.
func (w *writer) metadata(modTime time.Time, crc uint64) metadata {
	var meta metadata
	if w.old != nil {
		meta = w.old.meta
	}
	meta = meta.clone()
	meta.setTime(modTime)
	meta.set(metaUpload, w.upload)
	if crc, known := w.wholeCRC(crc); known {
		meta.setCRC(crc)
	} else {
		meta.set(metaCRC, "")
	}
	return meta
}

// replaces reports whether the content takes the place of whatever is there.
func (w *writer) replaces() bool { return w.old == nil && !w.absent }

// conditions are those of the request that makes the content visible, unless it
// replaces anything.
func (w *writer) conditions() *blob.AccessConditions {
	if w.old != nil {
		return conditions(version(w.old.etag), false)
	}
	return conditions("", w.absent)
}

// putOnly stores the only block as the blob. Blocks that wait for a commit, of an
// upload that was given up, take the name for a Put Blob that must be the first,
// and not for a list.
func (w *writer) putOnly(ctx context.Context, meta metadata, c *blob.AccessConditions, only sum) (blobInfo, error) {
	info, err := w.putBlob(ctx, meta, c, only)
	if w.replaces() || !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return info, err
	}
	if _, _, lookErr := w.lookBack(w.ctx); vfs.KindOf(lookErr) != vfs.KindNotExist {
		return info, err
	}
	if only.size > 0 {
		id, err := w.stageBlock(0, w.block, only.crc)
		if err != nil {
			return blobInfo{}, err
		}
		w.put = []storedBlock{{id, only}}
	}
	return w.putBlockList(ctx, meta, c)
}

// putBlob stores the only block as the blob. The service verifies the CRC, or else
// the MD5 that the blob gets: it takes one sum in a request.
func (w *writer) putBlob(ctx context.Context, meta metadata, conditions *blob.AccessConditions, only sum) (blobInfo, error) {
	o := &blockblob.UploadOptions{
		Metadata: meta, HTTPHeaders: w.headers, AccessConditions: conditions, Tier: w.tier(), Tags: w.tags(),
	}
	if w.headers.BlobContentMD5 == nil {
		o.TransactionalValidation = blob.TransferValidationTypeCRC64(only.crc)
	}
	answer, err := w.b.store.container.NewBlockBlobClient(w.name).Upload(w.b.store.forBody(ctx, only.size), w.block.Reader(), o)
	return blobInfo{
		size: only.size, lastModified: answer.LastModified, etag: answer.ETag, meta: meta, md5: w.headers.BlobContentMD5,
	}, err
}

// putBlockList makes the blob of the old blocks and the new ones.
func (w *writer) putBlockList(ctx context.Context, meta metadata, conditions *blob.AccessConditions) (blobInfo, error) {
	var list blockList
	size := w.received
	if w.old != nil {
		list.kept = w.old.blocks
		size += w.old.kept
	}
	list.fresh = make([]string, 0, len(w.put))
	for _, block := range w.put {
		list.fresh = append(list.fresh, block.id)
	}
	o := &blockblob.CommitBlockListOptions{
		Metadata: meta, HTTPHeaders: w.headers, AccessConditions: conditions, Tier: w.tier(), Tags: w.tags(),
	}
	answer, err := w.b.store.container.NewBlockBlobClient(w.name).CommitBlockList(list.under(w.b.store.forBody(ctx, 0)), nil, o)
	return blobInfo{
		size: size, lastModified: answer.LastModified, etag: answer.ETag, meta: meta, md5: w.headers.BlobContentMD5,
	}, err
}

// verify decides what a failed commit did. The service's clear no to the only
// attempt is a no. In every other case an attempt may have succeeded without
// our hearing of it, and the blob itself tells by the upload that made it. Where
// even that cannot be learnt the answer is KindUnavailable, which allows for
// both.
func (w *writer) verify(ctx context.Context, tries *attempts, cause error) (blobInfo, error) {
	re, answered := errors.AsType[*azcore.ResponseError](cause)
	refused := answered && re.StatusCode < http.StatusInternalServerError && re.StatusCode != http.StatusRequestTimeout
	if refused && !tries.repeated() {
		return blobInfo{}, w.refusal(ctx, cause)
	}
	info, ours, err := w.lookBack(ctx)
	switch {
	case ours:
		w.b.store.log.InfoContext(ctx, "the answer to a commit was lost, the blob is there", "blob", w.name, "err", fail(ctx, cause))
		return info, nil
	case refused && (err == nil || vfs.KindOf(err) == vfs.KindNotExist):
		return blobInfo{}, w.refusal(ctx, cause)
	}
	return blobInfo{}, failAs(vfs.KindUnavailable, cause, err)
}

// refusal gives the service's no its kind.
func (w *writer) refusal(ctx context.Context, cause error) error {
	err := fail(ctx, cause)
	kind := vfs.KindOf(err)
	switch {
	case kind != vfs.KindExist && !(kind == vfs.KindConflict && hasStatus(cause, http.StatusPreconditionFailed)):
		return err
	case w.o.Mode == vfs.ModeExclusive:
		return failAs(vfs.KindExist, cause)
	}
	return failAs(vfs.KindConflict, cause)
}
