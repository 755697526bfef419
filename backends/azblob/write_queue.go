package azblob

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

// inFlight is how many blocks of one upload are in flight, as far as there is memory for
// them. With a latency of 20 ms and 60 MiB/s for each request, ten blocks of 8 MiB at the
// same time make 500 MiB/s.
const inFlight = 12

// phase is the state of an upload. The package documentation has the diagram.
type phase uint8

const (
	// receiving: bytes arrive, and blocks may be sent early.
	receiving phase = iota
	// prepared: no new bytes arrive, and the commit is under way up to its last byte.
	prepared
	// committing: no new bytes arrive, and the commit alone sends the rest.
	committing
	// ended: committed or aborted.
	ended
)

// mayBecome reports whether next may follow p.
func (p phase) mayBecome(next phase) bool {
	switch p {
	case receiving:
		return next != receiving
	case prepared:
		return next == committing || next == ended
	case committing:
		return next == ended
	case ended:
	}
	return false
}

var errClosed = errors.New("azblob: the writer has ended")

// blockQueue turns the chunks of one upload into blocks. Full chunks go into the growing
// block, and a goroutine for each full block sends it to the service; settle and release
// wait for these goroutines. The committer decides what becomes of the blocks.
//
// Locks: adapting before mu. While mu is held nothing waits and no request is sent. The
// pool calls maySend and sealEarly while no lock of this package is held.
type blockQueue struct {
	b    *Backend
	name string

	// Set before the first byte: how many old blocks are kept, and whether there is old
	// content, with which even one block is committed with a list.
	kept    int
	appends bool

	ctx     context.Context // of Create; it also ends with the first failure
	cancel  context.CancelCauseFunc
	account *chunk.Account
	slots   tokens // one for each block in flight
	staging sync.WaitGroup

	adapting sync.Mutex // held while ids are changed

	mu     sync.Mutex
	phase  phase
	err    error         // the first failure
	call   *call         // the running call that adds bytes; nil when there is none
	early  *preparation  // set in the phase prepared
	block  *chunk.Block  // it grows; nil when the memory is given back
	crc    joiner        // of what is in it
	ids    blockIDs      // makes the ids of new blocks
	moved  *asideFile    // where the blocks are stored instead of under name; nil for name
	stored []storedBlock // the new blocks in order, zero until stored
}

// call is a call that adds bytes. alone says that it waits for this package only.
type call struct {
	done  chan struct{}
	alone bool
}

// storedBlock is a block that waits for the commit.
type storedBlock struct {
	id string
	sum
}

func (b *Backend) newQueue(ctx context.Context, name string) *blockQueue {
	q := &blockQueue{b: b, name: name, ids: newBlockIDs(), slots: make(tokens, inFlight)}
	q.ctx, q.cancel = context.WithCancelCause(ctx)
	q.account = b.chunks.Open(q.maySend, q.sealEarly)
	q.block = q.account.NewBlock()
	return q
}

// become changes the phase, or returns why it cannot.
func (q *blockQueue) become(next phase) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.phase.mayBecome(next):
		q.phase = next
		return nil
	case q.err != nil:
		return q.err
	}
	return vfs.NewError(vfs.KindCanceled, errClosed)
}

// prepare changes the phase to prepared, unless the upload has failed or ended.
func (q *blockQueue) prepare(p *preparation) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err != nil || !q.phase.mayBecome(prepared) {
		return false
	}
	q.phase, q.early = prepared, p
	return true
}

// preparation returns what was prepared, or nil.
func (q *blockQueue) preparation() *preparation {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.early
}

// enter begins a call that adds bytes. When it returns nil, leave must follow.
func (q *blockQueue) enter(alone bool) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.err != nil:
		return q.err
	case q.phase != receiving:
		return vfs.NewError(vfs.KindCanceled, errClosed)
	}
	q.call = &call{make(chan struct{}), alone}
	return nil
}

// leave ends the call. When the upload was aborted in the meantime, it frees the chunk of
// the call.
func (q *blockQueue) leave(freeChunk func()) {
	q.mu.Lock()
	running, aborted := q.call, q.phase == ended
	if !aborted {
		q.call = nil
	}
	q.mu.Unlock()
	if aborted {
		freeChunk()
	}
	close(running.done)
}

// abort ends the upload, unless it is committing or has ended, and returns the running
// call.
func (q *blockQueue) abort() (running *call, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.phase.mayBecome(ended) || q.phase == committing {
		return nil, false
	}
	q.phase = ended
	return q.call, true
}

// failure returns why no more bytes are accepted, nil while they are.
func (q *blockQueue) failure(ctx context.Context) error {
	for _, ctx := range []context.Context{q.ctx, ctx} {
		if ctx.Err() != nil {
			return q.fail(context.Cause(ctx))
		}
	}
	return nil
}

// fail records the first failure, which cancels the upload, and returns it. The cause has
// a kind, or is that of a context.
func (q *blockQueue) fail(cause error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failLocked(cause)
	return q.err
}

// failLocked is fail with mu held.
func (q *blockQueue) failLocked(cause error) {
	if q.err != nil {
		return
	}
	if _, ok := errors.AsType[*vfs.Error](cause); !ok {
		cause = vfs.NewError(vfs.KindCanceled, cause)
	}
	q.err = cause
	q.cancel(cause)
}

// room returns how many bytes fit into the chunk before its block is full: the growing
// block, or the next one when that is full already.
func (q *blockQueue) room(c *chunk.Chunk) int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.block == nil {
		return int64(len(c.Free())) // ended: the bytes are dropped
	}
	index := q.kept + len(q.stored)
	limit, used := q.b.blockLimit(index), q.block.Size()
	if used >= limit {
		limit, used = q.b.blockLimit(index+1), 0
	}
	return limit - used - int64(c.Len())
}

// full reports whether the growing block is full and was not sent.
func (q *blockQueue) full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.block != nil && q.block.Size() >= q.b.blockLimit(q.kept+len(q.stored))
}

// first reports whether the growing block may become the whole file: no block was sent,
// and the upload does not append. (An append to content without blocks is committed with a
// list, so that the next append finds blocks.)
func (q *blockQueue) first() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.stored) == 0 && !q.appends
}

// add moves a chunk into the growing block. It returns false when the chunk still belongs
// to the caller.
func (q *blockQueue) add(c *chunk.Chunk, of sum) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.block == nil || c.Len() == 0 {
		return false
	}
	q.block.Append(c)
	q.crc.add(of)
	return true
}

// whole returns the growing block as the only one, and marks it as in flight.
func (q *blockQueue) whole() (*chunk.Block, sum) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.block.Send()
	return q.block, sum{q.crc.restart(), q.block.Size()}
}

// growing reports whether there are bytes that were not sent.
func (q *blockQueue) growing() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.block != nil && q.block.Size() > 0
}

// seal sends the growing block. It waits while inFlight blocks are being sent.
func (q *blockQueue) seal() error {
	if err := q.slots.take(q.ctx); err != nil {
		return q.fail(err)
	}
	body, err := q.b.sending.take(q.ctx)
	if err != nil {
		q.slots.free()
		return q.fail(err)
	}
	_, err = q.send(body, receiving, prepared, committing)
	return err
}

// maySend reports whether sealEarly could send a block.
func (q *blockQueue) maySend() bool { return q.slots.left() && !q.b.sending.Full() }

// sealEarly sends the growing block because other transfers need memory. It never waits.
func (q *blockQueue) sealEarly() bool {
	if !q.slots.tryTake() {
		return false
	}
	body, ok := q.b.sending.tryTake()
	if !ok {
		q.slots.free()
		return false
	}
	sent, err := q.send(body, receiving)
	return sent && err == nil
}

// sent returns what seal took for a block.
func (q *blockQueue) sent(body bodyOnItsWay) {
	body.Release()
	q.slots.free()
}

// send starts the goroutine that stores the growing block, when the block is not empty and
// the upload is in one of the phases. The goroutine takes over the caller's token and body.
func (q *blockQueue) send(body bodyOnItsWay, phases ...phase) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !slices.Contains(phases, q.phase) || q.block == nil || q.block.Size() == 0 {
		q.sent(body)
		return false, nil
	}
	index := len(q.stored)
	if q.kept+index >= maxBlocks {
		q.sent(body)
		q.failLocked(vfs.NewError(vfs.KindTooLarge, nil))
		return false, q.err
	}
	q.stored = append(q.stored, storedBlock{})
	block, crc := q.block, q.crc.restart()
	q.block = q.account.NewBlock()
	block.Send()
	q.staging.Go(func() { q.stage(index, block, crc, body) })
	return true, nil
}

// stage stores one block and frees its memory, its token and its body.
func (q *blockQueue) stage(index int, block *chunk.Block, crc uint64, body bodyOnItsWay) {
	defer q.sent(body)
	defer block.Release()
	stored := storedBlock{sum: sum{crc, block.Size()}}
	ctx := vfs.WithinRequest(q.ctx)
	var err error
	if stored.id, err = q.stageBlock(ctx, index, block, crc); err != nil {
		_ = q.fail(q.b.dirs.explain(ctx, q.name, fail(ctx, err)))
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stored[index] = stored
}

// stageBlock sends one block and returns the id under which it is stored. ctx is within the
// request of the block.
func (q *blockQueue) stageBlock(ctx context.Context, index int, block *chunk.Block, crc uint64) (string, error) {
	ids := q.currentIDs()
	for adapted := false; ; adapted = true {
		id, name := ids.at(index), q.stagedAs()
		_, err := q.b.store.container.NewBlockBlobClient(name).StageBlock(
			q.b.store.forBody(ctx, block.Size()), id, block.Reader(),
			&blockblob.StageBlockOptions{TransactionalValidation: blob.TransferValidationTypeCRC64(crc)})
		if err == nil {
			return id, nil
		}
		if bloberror.HasCode(err, azurecode.Operation) && q.moveAside(name) {
			return q.stageBlock(ctx, index, block, crc)
		}
		// The answer to an id that has not the length of the ids of all other
		// uncommitted blocks.
		if adapted || !bloberror.HasCode(err, bloberror.InvalidBlobOrBlock) {
			return "", err
		}
		if ids, err = q.adaptIDs(ctx, ids.length, err); err != nil {
			return "", err
		}
	}
}

// stagedAs returns the name under which blocks are stored.
func (q *blockQueue) stagedAs() string {
	if f := q.asideFile(); f != nil {
		return f.name
	}
	return q.name
}

// asideFile returns the file under a temporary name that the blocks become first; nil when they
// become the file of the upload directly.
func (q *blockQueue) asideFile() *asideFile {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.moved
}

// moveAside is called when the service has refused a block for the name. It reports whether
// the block can be stored under another name.
func (q *blockQueue) moveAside(name string) bool {
	area := q.b.dirs.aside()
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case area == nil || q.kept > 0:
		return false
	case q.moved == nil:
		q.moved = area.file()
		return true
	}
	return name != q.moved.name // another block of the upload was first
}

// settle sends the rest, waits until all blocks are stored, and returns them.
func (q *blockQueue) settle(ctx context.Context) ([]storedBlock, error) {
	// The end of the commit's context ends the staging.
	stop := context.AfterFunc(ctx, func() { _ = q.fail(context.Cause(ctx)) })
	defer stop()
	if q.growing() {
		if err := q.seal(); err != nil {
			return nil, err
		}
	}
	q.staging.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stored, q.err
}

// release cancels all staging, waits for it and releases the growing block.
func (q *blockQueue) release() {
	q.cancel(errClosed)
	q.staging.Wait()
	q.mu.Lock()
	block := q.block
	q.block = nil
	q.mu.Unlock()
	if block != nil {
		block.Release()
	}
	q.account.Close()
}
