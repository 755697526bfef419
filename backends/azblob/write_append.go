package azblob

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"github.com/tidegate/tidegate/vfs"
)

// oldBlob is the blob that is appended to, as it was at Create. The commit
// depends on its version.
type oldBlob struct {
	blobInfo
	blocks []string         // ids of its committed blocks
	tier   *blob.AccessTier // when it was chosen for this blob
	tags   map[string]string
}

// inline reports whether the content was stored without blocks, by a Put Blob
// or a copy of one. A commit that names only new blocks would replace it.
func (o *oldBlob) inline() bool { return o.size > 0 && len(o.blocks) == 0 }

// keptSize is how much of the old content a commit of its blocks keeps.
func (o *oldBlob) keptSize() int64 {
	if len(o.blocks) == 0 {
		return 0
	}
	return o.size
}

// lookTries bounds how often properties and block list are read again because
// they came from two versions.
const lookTries = 3

// lookAtOld reads what is to be appended to, and takes over all that a commit
// would clear: properties, metadata, a tier that was chosen, index tags.
func (w *writer) lookAtOld(ctx context.Context) error {
	for range lookTries {
		props, list, err := w.b.headAndBlocks(ctx, w.name)
		if err != nil {
			if vfs.KindOf(err) == vfs.KindNotExist {
				return w.noOld(err)
			}
			return err
		}
		if listed := version(list.ETag); listed != "" && listed != version(props.ETag) {
			continue
		}
		if n := len(list.UncommittedBlocks); n > 0 && !w.ids.adapt(*list.UncommittedBlocks[0].Name) {
			return vfs.NewError(vfs.KindConflict, errors.New("azblob: blocks of another program wait for their commit"))
		}
		return w.setOld(ctx, props, list)
	}
	return vfs.NewError(vfs.KindConflict, errContended)
}

// noOld decides about appending to a missing file: a new one is made, unless
// another makes it first.
func (w *writer) noOld(cause error) error {
	if w.o.Mode == vfs.ModeResume {
		return vfs.NewError(vfs.KindOffset, cause)
	}
	w.absent = true
	return nil
}

func (w *writer) setOld(ctx context.Context, props properties, list blockblob.GetBlockListResponse) error {
	info := props.info()
	switch {
	case info.isMarker():
		return vfs.NewError(vfs.KindIsDir, nil)
	case props.BlobType != nil && *props.BlobType != blob.BlobTypeBlockBlob:
		return &vfs.Error{Kind: vfs.KindUnsupported, Reason: reasonType}
	case w.o.Mode == vfs.ModeResume && w.o.Offset != info.size:
		return vfs.NewError(vfs.KindOffset, nil)
	case props.AccessTier != nil && *props.AccessTier == string(blob.AccessTierArchive):
		return &vfs.Error{Kind: vfs.KindLocked, Reason: reasonArchived}
	}
	old := &oldBlob{blobInfo: info}
	for _, block := range list.CommittedBlocks {
		old.blocks = append(old.blocks, *block.Name)
	}
	if props.AccessTier != nil && (props.AccessTierInferred == nil || !*props.AccessTierInferred) {
		old.tier = to.Ptr(blob.AccessTier(*props.AccessTier))
	}
	if props.TagCount != nil && *props.TagCount > 0 {
		answer, err := w.b.container.NewBlobClient(w.name).GetTags(ctx, nil)
		if err != nil {
			return fail(ctx, err)
		}
		old.tags = map[string]string{}
		for _, tag := range answer.BlobTagSet {
			old.tags[*tag.Key] = *tag.Value
		}
	}
	// The MD5 alone is left behind: it is that of the old content.
	w.headers = &blob.HTTPHeaders{
		BlobContentType: props.ContentType, BlobCacheControl: props.CacheControl,
		BlobContentEncoding: props.ContentEncoding, BlobContentLanguage: props.ContentLanguage,
		BlobContentDisposition: props.ContentDisposition,
	}
	w.old = old
	return nil
}

// headAndBlocks asks for properties and blocks side by side.
func (b *Backend) headAndBlocks(ctx context.Context, name string) (properties, blockblob.GetBlockListResponse, error) {
	type answer struct {
		list blockblob.GetBlockListResponse
		err  error
	}
	listed := make(chan answer, 1)
	go func() {
		list, err := b.container.NewBlockBlobClient(name).GetBlockList(ctx, blockblob.BlockListTypeAll, nil)
		listed <- answer{list, err}
	}()
	props, err := b.head(ctx, name)
	blocks := <-listed
	if err != nil {
		return properties{}, blocks.list, err
	}
	if props.BlobType != nil && *props.BlobType != blob.BlobTypeBlockBlob {
		return props, blockblob.GetBlockListResponse{}, nil // it has no blocks
	}
	return props, blocks.list, fail(ctx, blocks.err)
}

// takeOver makes blocks of old content that has none, by sending it once more:
// then the next append finds blocks. It goes through memory, because Put Block
// From URL needs a signed source, and because an upload of this kind is one
// block long where it was ours.
func (w *writer) takeOver() error {
	if w.old == nil || !w.old.inline() {
		return nil
	}
	r, err := w.b.openBlob(w.ctx, w.name, vfs.OpenOptions{Version: version(w.old.etag)})
	if err != nil {
		return w.fail(err)
	}
	n, err := w.readFrom(r)
	_ = r.Close() // it has been read to its end, or has failed
	if err == nil && n != w.old.size {
		err = vfs.NewError(vfs.KindConflict, nil)
	}
	if err != nil {
		return w.fail(err)
	}
	w.keepCurrent()
	return w.seal()
}

// oldBlocks is how many blocks the new ones follow.
func (w *writer) oldBlocks() int {
	if w.old == nil {
		return 0
	}
	return len(w.old.blocks)
}

func (w *writer) tier() *blob.AccessTier {
	if w.old == nil {
		return nil
	}
	return w.old.tier
}

func (w *writer) tags() map[string]string {
	if w.old == nil {
		return nil
	}
	return w.old.tags
}

// commitNothing ends an append without a byte: the file stays as it is, but
// for the time when one is given.
func (w *writer) commitNothing(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	info := w.old.blobInfo
	if o.ModTime.IsZero() {
		return info.entry(w.base), nil
	}
	info, err := w.b.writeModTime(ctx, w.name, info, o.ModTime)
	if err != nil {
		return vfs.Info{}, err
	}
	return info.entry(w.base), nil
}
