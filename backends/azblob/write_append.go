package azblob

import (
	"context"
	"fmt"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/minio/crc64nvme"

	"github.com/tidegate/tidegate/vfs"
)

// oldBlob is the blob that is appended to, as it was at Create. The commit
// depends on its version.
type oldBlob struct {
	blobInfo
	blocks []string // ids of its first blocks, which are committed again
	kept   int64    // bytes in them; the rest is sent again
	again  uint64   // the CRC of what was sent again
	tags   map[string]string
}

// When the last manyBlocks of a blob hold less than one block may, they are
// stored again as one: who appends a line a minute would else have used up the
// service's 50,000 within five weeks.
const manyBlocks = 1000

// keep decides which of the old blocks are kept: the first ones, whose ids are
// not repeated and may so be named in a list. Content that was stored without
// blocks, by a Put Blob or a copy of one, has none: a commit that names only new
// blocks would replace it.
func (o *oldBlob) keep(blocks []*blockblob.Block, limit int64) {
	kept := len(blocks)
	if kept >= manyBlocks {
		var tail int64
		for _, block := range blocks[kept-manyBlocks:] {
			tail += *block.Size
		}
		if tail < limit {
			kept -= manyBlocks
		}
	}
	for _, block := range blocks[:min(kept, unrepeated(blocks))] {
		o.blocks = append(o.blocks, *block.Name)
		o.kept += *block.Size
	}
}

// unrepeated returns how many blocks there are before the first whose id comes
// again. Two blocks of a blob may have one id and different contents: one was
// committed before, the other with it.
func unrepeated(blocks []*blockblob.Block) int {
	first := make(map[string]int, len(blocks))
	n := len(blocks)
	for i, block := range blocks {
		if at, again := first[*block.Name]; again {
			n = min(n, at)
		} else {
			first[*block.Name] = i
		}
	}
	return n
}

// lookTries bounds how often properties and block list are read again because
// they came from two versions.
const lookTries = 3

// lookAtOld reads what is to be appended to, and takes over what a commit would
// clear: properties, metadata, a tier that was chosen, index tags where they are
// to be kept.
func (w *writer) lookAtOld(ctx context.Context) error {
	for range lookTries {
		props, list, err := w.b.store.headAndBlocks(ctx, w.name)
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
			return foreignIDs(w.name, *list.UncommittedBlocks[0].Name, nil)
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
	old.keep(list.CommittedBlocks, min(w.b.blockLimit(len(list.CommittedBlocks)), w.b.appendCopy))
	if again := info.size - old.kept; again > w.b.appendCopy {
		return &vfs.Error{
			Kind: vfs.KindTooLarge, Reason: "too much of the file would have to be stored again",
			Err: fmt.Errorf("azblob: %d bytes of the blob do not lie in blocks that can be kept; append_copy_limit allows %d", again, w.b.appendCopy),
		}
	}
	var err error
	if old.meta, err = w.b.store.spelled(ctx, w.name, info); err != nil {
		return err
	}
	old.exact = true
	if old.tags, err = w.b.store.keptTags(ctx, w.name, info); err != nil {
		return err
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
func (s *store) headAndBlocks(ctx context.Context, name string) (properties, blockblob.GetBlockListResponse, error) {
	type answer struct {
		list blockblob.GetBlockListResponse
		err  error
	}
	listed := make(chan answer, 1)
	go func() {
		list, err := s.container.NewBlockBlobClient(name).GetBlockList(ctx, blockblob.BlockListTypeAll, nil)
		listed <- answer{list, err}
	}()
	props, err := s.head(ctx, name)
	blocks := <-listed
	if err != nil {
		return properties{}, blocks.list, err
	}
	if props.BlobType != nil && *props.BlobType != blob.BlobTypeBlockBlob {
		return props, blockblob.GetBlockListResponse{}, nil // it has no blocks
	}
	return props, blocks.list, fail(ctx, blocks.err)
}

// takeOver sends that part of the old content once more whose blocks are not
// kept, before the first new byte. It goes through memory, because Put Block From
// URL needs a signed source. Of what this package has stored it is about one block
// long; Options.AppendCopyLimit bounds it for blobs of others.
func (w *writer) takeOver() error {
	if w.old == nil || w.old.kept == w.old.size {
		return nil
	}
	r, err := w.b.openChecked(w.ctx, w.name, vfs.OpenOptions{Offset: w.old.kept, Version: version(w.old.etag)})
	if err != nil {
		return w.fail(err)
	}
	old := crc64nvme.New()
	n, err := w.readFrom(io.TeeReader(r, old))
	_ = r.Close() // it has been read to its end, or has failed
	if err == nil && n != w.old.size-w.old.kept {
		err = vfs.NewError(vfs.KindConflict, nil)
	}
	if err != nil {
		return w.fail(err)
	}
	w.old.again = old.Sum64()
	return nil
}

// wholeCRC returns the CRC of what the blob will hold, from that of what was
// received. It is not known when blocks are kept whose own is not.
func (w *writer) wholeCRC(received uint64) (crc uint64, known bool) {
	if w.old == nil || w.old.kept == 0 {
		return received, true
	}
	old, known := w.old.meta.crc()
	// What was sent again is part of both sums: taken out of the old one, that
	// of the kept blocks remains, shifted by its length already.
	fresh := w.received - (w.old.size - w.old.kept)
	return multiply(old^w.old.again, power(fresh)) ^ received, known
}

// Old describes what is appended to.
func (w *writer) Old() (vfs.Info, bool) {
	if w.old == nil {
		return vfs.Info{}, false
	}
	return w.old.entry(w.base), true
}

// oldBlocks is how many blocks the new ones follow.
func (w *writer) oldBlocks() int {
	if w.old == nil {
		return 0
	}
	return len(w.old.blocks)
}

func (w *writer) tier() *blob.AccessTier {
	switch {
	case w.old != nil:
		return w.old.keptTier()
	case w.b.accessTier != "":
		return to.Ptr(w.b.accessTier)
	}
	return nil
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
	info, err := w.b.store.writeModTime(ctx, w.name, info, o.ModTime)
	if err != nil {
		return vfs.Info{}, err
	}
	return info.entry(w.base), nil
}
