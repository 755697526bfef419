package azblob

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

// headersOf returns the properties of a new blob.
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

// committer makes the blob of the blocks of the queue. It chooses the conditions, headers
// and metadata, and finds out whether the commit succeeded when the answer was lost.
type committer struct {
	b      *Backend
	queue  *blockQueue
	name   string
	base   string // the last element of the name, for Info
	mode   vfs.Mode
	upload string // the value of metaUpload

	// The conditions of the commit.
	old     *oldBlob // the blob that is appended to, or nil
	absent  bool     // the blob must not be there
	headers *blob.HTTPHeaders
	// replaced is the access to the file that the content replaces, as far as it is known.
	replaced access
}

// all commits everything that was received, size bytes.
func (c *committer) all(ctx context.Context, size int64, o vfs.CommitOptions) (blobInfo, error) {
	var send sender
	var whole joiner
	if c.queue.first() {
		body, err := c.b.sending.take(ctx)
		if err != nil {
			return blobInfo{}, c.queue.fail(err)
		}
		defer body.Release()
		ctx = vfs.WithinRequest(ctx)
		block, only := c.queue.whole()
		whole.add(only)
		send = func(ctx context.Context, meta metadata, on *blob.AccessConditions) (blobInfo, error) {
			return c.putOnly(ctx, meta, on, block, only)
		}
	} else {
		blocks, err := c.queue.settle(ctx)
		if err != nil {
			return blobInfo{}, err
		}
		for _, block := range blocks {
			whole.add(block.sum)
		}
		send = func(ctx context.Context, meta metadata, on *blob.AccessConditions) (blobInfo, error) {
			return c.putBlockList(ctx, meta, on, blocks, size)
		}
	}
	if err := c.queue.failure(ctx); err != nil {
		return blobInfo{}, err
	}
	info, err := c.publish(ctx, send, c.metadata(o.ModTime, size, whole.crc))
	if err != nil {
		c.queue.asideFile().drop(ctx)
		return blobInfo{}, err
	}
	return c.keepAccess(ctx, info), nil
}

// sender sends the one request that makes the content visible.
type sender func(context.Context, metadata, *blob.AccessConditions) (blobInfo, error)

// publishTries is how often the content is sent when the blob changes before each commit.
const publishTries = 5

// publish makes the content visible. The first commit names the version that this process
// stored when it last replaced the file. Without one it is the commit of a new file, which
// most files are, and costs no further request. When a blob is in the way, publish looks it
// up, because it can be the marker of a directory, and the next commit names its version.
// Where the file changes each time, every second of these commits replaces any version,
// with a fence.
func (c *committer) publish(ctx context.Context, send sender, meta metadata) (blobInfo, error) {
	counted, tries := counting(ctx)
	if !c.replaces() {
		info, err := send(counted, meta, c.conditions())
		if err != nil {
			return c.verify(ctx, tries, err)
		}
		return info, nil
	}
	over, replaces, err := c.first(ctx) // over is nil for a fence
	if err != nil {
		return blobInfo{}, err
	}
	for try := range publishTries {
		fence := c.b.store.newFence()
		fenced := over == nil
		if fenced {
			over = fence.conditions()
		}
		info, err := send(counted, meta, over)
		if fenced && gateOf(ctx).isOpen() { // otherwise no attempt was sent whole
			c.b.store.pass(ctx, fence, tries)
		}
		if err == nil {
			c.note(info, replaces)
			return info, nil
		}
		if !bloberror.HasCode(err, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists, azurecode.PathExists) {
			return c.verify(ctx, tries, err)
		}
		old, ours, err := c.meet(ctx, err)
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

// first returns the conditions of the first commit, and whether that commit replaces a version.
// When the commit renames an aside file over the name, first looks the name up.
func (c *committer) first(ctx context.Context) (*blob.AccessConditions, bool, error) {
	if c.queue.asideFile() != nil {
		old, _, err := c.meet(ctx, nil)
		return conditions(version(old.etag), old.etag == nil), old.etag != nil, err
	}
	guess := c.b.replaced.version(c.name)
	if c.b.dirs.keepsAccess() {
		guess = "" // the access to the version would not be known
	}
	return conditions(guess, guess == ""), guess != "", nil
}

// note remembers the new version when it has replaced another one.
func (c *committer) note(now blobInfo, replaces bool) {
	if !replaces {
		now.etag = nil
	}
	c.b.replaced.set(c.name, version(now.etag))
}

var errContended = errors.New("azblob: the blob changes all the time")

// meet looks up the blob that made the condition fail, and reports whether this upload has
// made it. The result has no ETag when there is no blob: at some services uncommitted
// blocks occupy the name. A directory is not replaced.
func (c *committer) meet(ctx context.Context, cause error) (old blobInfo, ours bool, err error) {
	old, ours, err = c.lookBack(ctx)
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
	c.replaced = old.access
	return old, false, nil
}

// lookBack requests the blob after a failed commit, and reports whether this upload has made
// it. It does so after the end of ctx too, unless the commit was aborted.
func (c *committer) lookBack(ctx context.Context) (info blobInfo, ours bool, err error) {
	if gateOf(ctx).isOpen() {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	props, err := c.b.store.head(ctx, c.name)
	info = props.info()
	return info, err == nil && info.meta.get(metaUpload) == c.upload, err
}

// metadata returns the metadata of the new blob: that of the old one when this appends,
// and the keys of this package. crc is the sum of the size bytes that were received.
func (c *committer) metadata(modTime time.Time, size int64, crc uint64) metadata {
	var meta metadata
	if c.old != nil {
		meta = c.old.meta
	}
	meta = meta.clone()
	meta.setTime(modTime)
	meta.set(metaUpload, c.upload)
	if crc, known := c.wholeCRC(size, crc); known {
		meta.setCRC(crc)
	} else {
		meta.set(metaCRC, "")
	}
	return meta
}

// replaces reports whether the content may replace any version.
func (c *committer) replaces() bool { return c.old == nil && !c.absent }

// conditions returns the conditions of the request that makes the content visible, unless
// it may replace any version.
func (c *committer) conditions() *blob.AccessConditions {
	if c.old != nil {
		return conditions(version(c.old.etag), false)
	}
	return conditions("", c.absent)
}

// putOnly stores the only block as the blob. Uncommitted blocks of a cancelled upload
// occupy the name for a Put Blob with If-None-Match, and not for a list.
func (c *committer) putOnly(ctx context.Context, meta metadata, on *blob.AccessConditions, block *chunk.Block, only sum) (blobInfo, error) {
	info, err := c.putBlob(ctx, meta, on, block, only)
	if c.replaces() || !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return info, err
	}
	within := vfs.WithinRequest(c.queue.ctx)
	if _, _, lookErr := c.lookBack(within); vfs.KindOf(lookErr) != vfs.KindNotExist {
		return info, err
	}
	var blocks []storedBlock
	if only.size > 0 {
		id, err := c.queue.stageBlock(within, 0, block, only.crc)
		if err != nil {
			return blobInfo{}, err
		}
		blocks = []storedBlock{{id, only}}
	}
	return c.putBlockList(ctx, meta, on, blocks, only.size)
}

// putBlob stores the only block as the blob. The service verifies the CRC, or the MD5 that
// the blob gets: it accepts one sum in a request.
func (c *committer) putBlob(ctx context.Context, meta metadata, on *blob.AccessConditions, block *chunk.Block, only sum) (blobInfo, error) {
	o := &blockblob.UploadOptions{
		Metadata: meta, HTTPHeaders: c.headers, AccessConditions: on, Tier: c.tier(), Tags: c.tags(),
	}
	if c.headers.BlobContentMD5 == nil {
		o.TransactionalValidation = blob.TransferValidationTypeCRC64(only.crc)
	}
	answer, err := c.b.store.container.NewBlockBlobClient(c.name).Upload(c.b.store.forBody(ctx, only.size), block.Reader(), o)
	return blobInfo{
		size: only.size, lastModified: answer.LastModified, etag: answer.ETag, meta: meta, md5: c.headers.BlobContentMD5,
	}, err
}

// putBlockList makes the blob of the old blocks and the new ones.
func (c *committer) putBlockList(ctx context.Context, meta metadata, on *blob.AccessConditions, blocks []storedBlock, size int64) (blobInfo, error) {
	var list blockList
	if c.old != nil {
		list.kept = c.old.blocks
		size += c.old.kept
	}
	list.fresh = make([]string, 0, len(blocks))
	for _, block := range blocks {
		list.fresh = append(list.fresh, block.id)
	}
	o := &blockblob.CommitBlockListOptions{
		Metadata: meta, HTTPHeaders: c.headers, AccessConditions: on, Tier: c.tier(), Tags: c.tags(),
	}
	aside := c.queue.asideFile()
	if aside == nil {
		return c.sendList(ctx, c.name, list, size, o)
	}
	if aside.made == nil {
		o.AccessConditions = nil // nobody else knows the name
		made, err := c.sendList(context.WithValue(ctx, gateKey{}, (*gate)(nil)), aside.name, list, size, o)
		if err != nil {
			return made, err
		}
		aside.made = &made
	}
	info, err := aside.publish(ctx, c.name, on, c.replaced)
	info.md5 = c.headers.BlobContentMD5
	return info, err
}

// sendList commits the list under a name.
func (c *committer) sendList(ctx context.Context, name string, list blockList, size int64, o *blockblob.CommitBlockListOptions) (blobInfo, error) {
	answer, err := c.b.store.container.NewBlockBlobClient(name).CommitBlockList(list.under(c.b.store.forBody(ctx, 0)), nil, o)
	return blobInfo{
		size: size, lastModified: answer.LastModified, etag: answer.ETag, meta: o.Metadata, md5: c.headers.BlobContentMD5,
	}, err
}

// keepAccess sets the owner, group and ACL of the replaced file on the new file, where the
// configuration says that. The new file is stored already, so that a failure is only logged.
func (c *committer) keepAccess(ctx context.Context, now blobInfo) blobInfo {
	if c.queue.asideFile() != nil || !c.b.dirs.keepsAccess() || c.replaced == (access{}) {
		return now
	}
	v, err := c.b.dirs.setAccess(ctx, c.name, version(now.etag), c.replaced)
	if err != nil {
		c.b.store.log.WarnContext(ctx, "access to a replaced file not kept", "blob", c.name, "err", err)
		return now
	}
	now.etag = etagOf(cmp.Or(v, version(now.etag)))
	c.note(now, true)
	return now
}

// verify determines whether a failed commit has succeeded at the service. A refusal of the
// only attempt is final. In all other cases an attempt whose answer was lost may have
// succeeded, and the metadata of the blob shows which upload made it. When the metadata cannot
// be read, the error is KindUnavailable: the commit may have succeeded or not.
//
// A commit that still waits for its gate, or was not sent, cannot have succeeded.
func (c *committer) verify(ctx context.Context, tries *attempts, cause error) (blobInfo, error) {
	if !gateOf(ctx).isOpen() || tries.none() {
		return blobInfo{}, c.refusal(ctx, cause)
	}
	re, answered := errors.AsType[*azcore.ResponseError](cause)
	refused := answered && re.StatusCode < http.StatusInternalServerError && re.StatusCode != http.StatusRequestTimeout
	if refused && !tries.repeated() {
		return blobInfo{}, c.refusal(ctx, cause)
	}
	info, ours, err := c.lookBack(ctx)
	switch {
	case ours:
		c.b.store.log.InfoContext(ctx, "answer to a commit lost, upload complete", "blob", c.name, "err", fail(ctx, cause))
		return info, nil
	case refused && (err == nil || vfs.KindOf(err) == vfs.KindNotExist):
		return blobInfo{}, c.refusal(ctx, cause)
	}
	return blobInfo{}, failAs(vfs.KindUnavailable, cause, err)
}

// refusal returns the error for a refusal of the service, with its kind.
func (c *committer) refusal(ctx context.Context, cause error) error {
	err := c.b.dirs.explain(ctx, c.name, fail(ctx, cause))
	kind := vfs.KindOf(err)
	switch {
	case kind != vfs.KindExist && !(kind == vfs.KindConflict && hasStatus(cause, http.StatusPreconditionFailed)):
		return err
	case c.mode == vfs.ModeExclusive:
		return failAs(vfs.KindExist, cause)
	}
	return failAs(vfs.KindConflict, cause)
}
