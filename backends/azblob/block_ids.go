package azblob

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"github.com/tidegate/tidegate/vfs"
)

const (
	// idLength is the length of block ids before base64. Short ids keep a list of 50,000
	// small.
	idLength = 16
	// shortestID is the length of the index and as many random bytes.
	shortestID = 8
)

// blockIDs makes the ids of the blocks of one upload: a part that is random for each
// upload, so that two uploads of one name never commit each other's blocks, and the index.
// The service demands that the ids of all uncommitted blocks of a blob have one length,
// including those of other programs.
type blockIDs struct {
	random [64]byte
	length int
}

// reasonForeignIDs is the text for clients when the error is foreignIDs.
const reasonForeignIDs = "another program has left an unfinished upload of this file, which expires within a week"

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

// adapt sets the length of the ids to that of an uncommitted block of another program. It
// returns false when ids cannot have that length.
func (ids *blockIDs) adapt(other string) bool {
	raw, err := base64.StdEncoding.DecodeString(other)
	if err != nil || len(raw) < shortestID || len(raw) > len(ids.random) {
		return false
	}
	ids.length = len(raw)
	return true
}

// foreignIDs is the error when ids cannot have the length of another program's. Only a
// commit of the blob, or the end of a week, drops the blocks of that program.
func foreignIDs(blob, id string, cause error) error {
	return &vfs.Error{
		Kind: vfs.KindConflict, Reason: reasonForeignIDs,
		Err: join(fmt.Errorf("azblob: the blob %q has uncommitted blocks of another program, with ids such as %q, to whose length ours cannot adapt: "+
			"blocks can be staged when that program has committed, a file of one block has been stored, or a week has passed", blob, id), cause),
	}
}

func (q *blockQueue) currentIDs() blockIDs {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ids
}

// adaptIDs is called when an id of the given length was refused with cause. It returns ids
// of the length of the uncommitted blocks of another program. These stay until a commit of
// the blob, also one of this package, drops them.
func (q *blockQueue) adaptIDs(ctx context.Context, refused int, cause error) (blockIDs, error) {
	q.adapting.Lock()
	defer q.adapting.Unlock()
	ids := q.currentIDs()
	if ids.length != refused { // another block of the upload has adapted them already
		return ids, nil
	}
	list, err := q.b.store.container.NewBlockBlobClient(q.stagedAs()).GetBlockList(ctx, blockblob.BlockListTypeUncommitted, nil)
	if err != nil {
		return ids, err
	}
	if len(list.UncommittedBlocks) == 0 {
		return ids, failAs(vfs.KindConflict, cause)
	}
	if id := *list.UncommittedBlocks[0].Name; !ids.adapt(id) {
		return ids, foreignIDs(q.name, id, cause)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ids = ids
	return ids, nil
}

// adaptTo sets the length of the ids to that of an uncommitted block of another program,
// before the first block is sent.
func (q *blockQueue) adaptTo(other string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.ids.adapt(other) {
		return foreignIDs(q.name, other, nil)
	}
	return nil
}
