package azblob

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

// maxSending is how many bodies one backend has on their way at once. Each needs
// a connection, which takes some 80 KiB beside the budget; hundreds of uploads
// with small blocks would have thousands.
const maxSending = 256

// tokens bound how many of something are under way.
type tokens chan struct{}

// take waits for a token.
func (t tokens) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t tokens) tryTake() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
		return false
	}
}

func (t tokens) free() { <-t }

// left reports whether tryTake would have succeeded a moment ago.
func (t tokens) left() bool { return len(t) < cap(t) }

// seal sends the growing block. It waits while enough of them are on their way.
func (w *writer) seal() error {
	if err := w.slots.take(w.ctx); err != nil {
		return w.fail(err)
	}
	if err := w.b.sending.take(w.ctx); err != nil {
		w.slots.free()
		return w.fail(err)
	}
	_, err := w.send(open, committing)
	return err
}

// maySend reports whether sealEarly is worth a call.
func (w *writer) maySend() bool { return w.slots.left() && w.b.sending.left() }

// sealEarly is called when others need memory. It never waits.
func (w *writer) sealEarly() bool {
	if !w.slots.tryTake() {
		return false
	}
	if !w.b.sending.tryTake() {
		w.slots.free()
		return false
	}
	sent, err := w.send(open)
	return sent && err == nil
}

// sent frees what seal took for a block.
func (w *writer) sent() {
	w.b.sending.free()
	w.slots.free()
}

// send starts the goroutine that stores the growing block, when there is
// anything in it and the writer is in one of the states. It takes over the
// caller's tokens.
func (w *writer) send(states ...state) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	allowed := false
	for _, s := range states {
		allowed = allowed || w.state == s
	}
	if !allowed || w.block == nil || w.block.Size() == 0 {
		w.sent()
		return false, nil
	}
	index := len(w.put)
	if w.oldBlocks()+index >= maxBlocks {
		w.sent()
		w.failLocked(vfs.NewError(vfs.KindTooLarge, nil))
		return false, w.err
	}
	w.put = append(w.put, storedBlock{})
	block, crc := w.block, w.crc.restart()
	w.block = w.account.NewBlock()
	block.Send()
	w.staging.Go(func() { w.stage(index, block, crc) })
	return true, nil
}

// stage stores one block and frees its memory and its tokens.
func (w *writer) stage(index int, block *chunk.Block, crc uint64) {
	defer w.sent()
	defer block.Release()
	stored := storedBlock{sum: sum{crc, block.Size()}}
	var err error
	if stored.id, err = w.stageBlock(index, block, crc); err != nil {
		_ = w.fail(fail(w.ctx, err))
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.put[index] = stored
}

// storedBlock is a block that waits for the commit.
type storedBlock struct {
	id string
	sum
}

// stageBlock sends one block and returns the id under which it is stored.
func (w *writer) stageBlock(index int, block *chunk.Block, crc uint64) (string, error) {
	ids := w.blockIDs()
	for adapted := false; ; adapted = true {
		id := ids.at(index)
		_, err := w.b.store.container.NewBlockBlobClient(w.name).StageBlock(
			w.b.store.forBody(w.ctx, block.Size()), id, block.Reader(),
			&blockblob.StageBlockOptions{TransactionalValidation: blob.TransferValidationTypeCRC64(crc)})
		if err == nil {
			return id, nil
		}
		// The answer to an id whose length is not that of all others which
		// wait for a commit.
		if adapted || !bloberror.HasCode(err, bloberror.InvalidBlobOrBlock) {
			return "", err
		}
		if ids, err = w.adaptIDs(ids.length, err); err != nil {
			return "", err
		}
	}
}

const (
	// idLength is the length of our block ids before base64. Short ones keep
	// the list of 50,000 small.
	idLength = 16
	// shortestID holds the index and as many random bytes.
	shortestID = 8
)

// blockIDs makes the ids of one upload's blocks: a part that is random for each
// upload, so that two uploads of one name never take each other's blocks, and
// the index. The service wants all ids of a blob that wait for a commit to be
// of one length, whoever made them.
type blockIDs struct {
	random [64]byte
	length int
}

func newBlockIDs() blockIDs {
	ids := blockIDs{length: idLength}
	_, _ = rand.Read(ids.random[:]) // never fails
	return ids
}

func (ids *blockIDs) at(index int) string {
	raw := ids.random // a copy
	binary.BigEndian.PutUint32(raw[ids.length-4:ids.length], uint32(index))
	return base64.StdEncoding.EncodeToString(raw[:ids.length])
}

// adapt takes the length of an id that another program has left behind. It
// fails when our ids cannot be that short.
func (ids *blockIDs) adapt(other string) bool {
	raw, err := base64.StdEncoding.DecodeString(other)
	if err != nil || len(raw) < shortestID || len(raw) > len(ids.random) {
		return false
	}
	ids.length = len(raw)
	return true
}

// foreignIDs is the error where ours cannot have the length of another program's id.
// Nothing but a commit under the name, or a week, drops the blocks of that, and a
// commit by us would have to have a content.
func foreignIDs(blob, id string, cause error) error {
	return &vfs.Error{
		Kind: vfs.KindConflict, Reason: reasonForeignIDs,
		Err: join(fmt.Errorf("azblob: the blob %q has uncommitted blocks of another program, with ids such as %q, to whose length ours cannot adapt: "+
			"blocks can be staged when that program has committed, a file of one block has been stored, or a week has passed", blob, id), cause),
	}
}

func (w *writer) blockIDs() blockIDs {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ids
}

// adaptIDs is called when an id of the given length was refused with cause. It
// returns ids of the length that the blocks have which another program left
// uncommitted. They stay until a commit of this blob, ours too, drops them.
func (w *writer) adaptIDs(refused int, cause error) (blockIDs, error) {
	w.adapting.Lock()
	defer w.adapting.Unlock()
	ids := w.blockIDs()
	if ids.length != refused { // another block of ours was here first
		return ids, nil
	}
	list, err := w.b.store.container.NewBlockBlobClient(w.name).GetBlockList(w.ctx, blockblob.BlockListTypeUncommitted, nil)
	if err != nil {
		return ids, err
	}
	if len(list.UncommittedBlocks) == 0 {
		return ids, failAs(vfs.KindConflict, cause)
	}
	if id := *list.UncommittedBlocks[0].Name; !ids.adapt(id) {
		return ids, foreignIDs(w.name, id, cause)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids = ids
	return ids, nil
}
