package azblob

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/vfs"
)

// oldBlob is the blob that is appended to, as it was at Create. The commit is made on
// condition that it still has this version.
type oldBlob struct {
	blobInfo
	blocks []string // ids of its first blocks, which are committed again
	kept   int64    // bytes in them; the rest is sent again
	again  uint64   // the CRC of the part that was sent again
	tags   map[string]string
}

// When the last manyBlocks of a blob hold less than the limit of one block, they are
// stored again as one. Otherwise one appended line a minute would use up the 50,000 blocks
// of a blob within five weeks.
const manyBlocks = 1000

// keep decides which old blocks are kept: the first ones, up to one whose id is repeated,
// since a list could not name both. Content that was stored without blocks, by a Put Blob
// or a copy of one, has none: a commit that names only new blocks would replace it.
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

// unrepeated returns how many blocks precede the first one whose id is repeated. Two
// blocks of a blob may have the same id and different contents: one was committed before
// the other.
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

// lookTries is how often properties and block list are read when they belong to two
// versions.
const lookTries = 3

// lookAtOld reads the blob that is appended to, and keeps what a commit would clear:
// properties, metadata, a tier that was chosen, and index tags with Options.KeepTags.
func (c *committer) lookAtOld(ctx context.Context, o vfs.CreateOptions) error {
	for range lookTries {
		props, list, err := c.b.store.headAndBlocks(ctx, c.name)
		if err != nil {
			if vfs.KindOf(err) == vfs.KindNotExist {
				return c.noOld(err)
			}
			return err
		}
		if listed := version(list.ETag); listed != "" && listed != version(props.ETag) {
			continue
		}
		if len(list.UncommittedBlocks) > 0 {
			if err := c.queue.adaptTo(*list.UncommittedBlocks[0].Name); err != nil {
				return err
			}
		}
		return c.setOld(ctx, o, props, list)
	}
	return vfs.NewError(vfs.KindConflict, errContended)
}

// noOld decides about appending to a missing file: a new file is made, unless another
// upload makes it first.
func (c *committer) noOld(cause error) error {
	if c.mode == vfs.ModeResume {
		return vfs.NewError(vfs.KindOffset, cause)
	}
	c.absent = true
	return nil
}

func (c *committer) setOld(ctx context.Context, o vfs.CreateOptions, props properties, list blockblob.GetBlockListResponse) error {
	info := props.info()
	switch {
	case info.isMarker():
		return vfs.NewError(vfs.KindIsDir, nil)
	case props.BlobType != nil && *props.BlobType != blob.BlobTypeBlockBlob:
		return &vfs.Error{Kind: vfs.KindUnsupported, Reason: azurecode.ReasonType}
	case c.mode == vfs.ModeResume && o.Offset != info.size:
		return vfs.NewError(vfs.KindOffset, nil)
	case props.AccessTier != nil && *props.AccessTier == string(blob.AccessTierArchive):
		return &vfs.Error{Kind: vfs.KindLocked, Reason: azurecode.ReasonArchived}
	}
	old := &oldBlob{blobInfo: info}
	old.keep(list.CommittedBlocks, min(c.b.blockLimit(len(list.CommittedBlocks)), c.b.appendCopy))
	if again := info.size - old.kept; again > c.b.appendCopy {
		return &vfs.Error{
			Kind: vfs.KindTooLarge, Reason: "too much of the file would have to be stored again",
			Err: fmt.Errorf("azblob: %d bytes of the blob do not lie in blocks that can be kept; append_copy_limit allows %d", again, c.b.appendCopy),
		}
	}
	var err error
	if old.meta, err = c.b.store.spelled(ctx, c.name, info); err != nil {
		return err
	}
	old.exact = true
	if old.tags, err = c.b.store.keptTags(ctx, c.name, info); err != nil {
		return err
	}
	// Only the MD5 is not kept: it is that of the old content.
	c.headers = &blob.HTTPHeaders{
		BlobContentType: props.ContentType, BlobCacheControl: props.CacheControl,
		BlobContentEncoding: props.ContentEncoding, BlobContentLanguage: props.ContentLanguage,
		BlobContentDisposition: props.ContentDisposition,
	}
	c.old, c.replaced = old, info.access
	c.queue.kept, c.queue.appends = len(old.blocks), old.size > 0
	return nil
}

// headAndBlocks requests properties and blocks at the same time.
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

// wholeCRC returns the CRC of the new blob, from the CRC of the size bytes that were
// received. It is unknown when the CRC of the kept blocks is.
func (c *committer) wholeCRC(size int64, received uint64) (crc uint64, known bool) {
	if c.old == nil || c.old.kept == 0 {
		return received, true
	}
	old, known := c.old.meta.crc()
	// The part that was sent again is in both sums. Without it, the old sum is that of the
	// kept blocks, already shifted by the length of the part.
	fresh := size - (c.old.size - c.old.kept)
	return multiply(old^c.old.again, power(fresh)) ^ received, known
}

func (c *committer) tier() *blob.AccessTier {
	switch {
	case c.old != nil:
		return c.old.keptTier()
	case c.b.accessTier != "":
		return to.Ptr(c.b.accessTier)
	}
	return nil
}

func (c *committer) tags() map[string]string {
	if c.old == nil {
		return nil
	}
	return c.old.tags
}

// nothing ends an append without a byte: the file does not change, except for its time when
// one is given.
func (c *committer) nothing(ctx context.Context, o vfs.CommitOptions) (blobInfo, error) {
	if o.ModTime.IsZero() {
		return c.old.blobInfo, nil
	}
	return c.b.store.writeModTime(ctx, c.name, c.old.blobInfo, o.ModTime)
}
