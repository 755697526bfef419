package rclone

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// mostBuffered is more than a store buffers: where chunk_size is larger, it is that of
// segments which are streamed.
const mostBuffered = 256 << 20

// streamBytes returns how much rclone buffers for an upload that streams to a store with
// these options: as many chunks as it sends at once.
func (f facts) streamBytes(options *optionMap) int64 {
	var size fs.SizeSuffix
	text, _ := options.Get("chunk_size")
	if size.Set(text) != nil || size <= 0 || size > mostBuffered {
		return f.buffered
	}
	text, _ = options.Get("upload_concurrency")
	atOnce, err := strconv.ParseInt(text, 10, 32)
	if err != nil || atOnce < 1 {
		atOnce = 1
	}
	return int64(size) * atOnce
}

// shares are who may have the memory for uploads that stream.
type shares struct {
	// bytes is held as long as the client of an upload sends, so a user leaves room for
	// another one.
	bytes *fairshare.Resource
	// turn is that of the upload which waits for its bytes while other parts of the memory have
	// them.
	turn *fairshare.Resource
	// wait is interleavedWait, but in tests.
	wait time.Duration

	mu sync.Mutex
	// sending counts the uploads with memory whose clients still send, by connection.
	sending map[string]int
}

// newShares returns nil where nothing is shared.
func newShares(ledger *fairshare.Ledger, parts *memory.Parts) *shares {
	if ledger == nil || parts == nil {
		return nil
	}
	s := &shares{
		bytes:   ledger.Resource("buffers of rclone (bytes)", parts.Stores.Most()),
		turn:    ledger.Resource("turn for buffers of rclone", 1),
		wait:    interleavedWait,
		sending: map[string]int{},
	}
	s.bytes.LeaveRoom()
	return s
}

// interleavedWait is how long an upload waits for memory while others of its connection send.
const interleavedWait = 10 * time.Second

// errInterleaved is the error of an upload for which there is no memory beside the others of its
// connection. An SFTP client may send several files in turn on one connection, which is not read
// while an upload waits. So the other uploads, whose memory it waits for, would not end.
var errInterleaved = &vfs.Error{Kind: vfs.KindBusy, Reason: "too many files at once for this storage, try again later"}

// stream is the memory of one upload that streams.
type stream struct {
	lease *memory.Lease
	// These are of the shares, nil where nothing is shared. sends is guarded by shares.mu:
	// the upload is counted in shares.sending, or will be when it has its memory.
	shares     *shares
	connection string
	share      *fairshare.Lease
	sends, has bool
}

// newStream returns the memory of an upload whose client sends.
func (b *Backend) newStream(ctx context.Context) *stream {
	return &stream{shares: b.shares, connection: session.HolderOf(ctx).Connection, sends: true}
}

// acquire waits for the memory, or for the end of ctx. The client waits in that time. An upload
// that needs more than the part for stores has takes all of the part and runs alone. The caller
// calls release.
func (s *stream) acquire(ctx context.Context, b *Backend) error {
	if b.memory == nil || b.streamBytes == 0 {
		return nil
	}
	size := min(b.streamBytes, b.memory.Stores.Most())
	s.lease = b.memory.Stores.Open()
	if s.shares == nil {
		return s.lease.Acquire(ctx, size)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { s.watch(ctx, cancel) })
	defer watch.Wait()
	defer cancel(nil)
	holder := session.HolderOf(ctx)
	share, err := s.shares.bytes.Acquire(ctx, holder, size)
	if err != nil {
		return err
	}
	s.share = share
	turn, err := s.shares.turn.Acquire(ctx, holder, 1)
	if err != nil {
		return err
	}
	defer turn.Release()
	if err := s.lease.Acquire(ctx, size); err != nil {
		return err
	}
	s.shares.count(s)
	return nil
}

// watch ends a wait during which others of the connection send.
func (s *stream) watch(ctx context.Context, end context.CancelCauseFunc) {
	ticker := time.NewTicker(s.shares.wait)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if s.shares.sendingOf(s.connection) > 0 {
				end(errInterleaved)
			}
		}
	}
}

// release gives the memory back.
func (s *stream) release() {
	s.ends()
	if s.lease != nil {
		s.lease.Close()
	}
	if s.share != nil {
		s.share.Release()
	}
}

// ends says that the client sends nothing more. It may be called more than once, while acquire
// waits, and for nil.
func (s *stream) ends() {
	if s == nil || s.shares == nil {
		return
	}
	s.shares.mu.Lock()
	defer s.shares.mu.Unlock()
	s.sends = false
	if s.has {
		s.has = false
		if s.shares.sending[s.connection]--; s.shares.sending[s.connection] == 0 {
			delete(s.shares.sending, s.connection)
		}
	}
}

// count counts an upload that has its memory, unless its client has ended it.
func (s *shares) count(up *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if up.sends && up.connection != "" {
		up.has = true
		s.sending[up.connection]++
	}
}

func (s *shares) sendingOf(connection string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sending[connection]
}

// countSmall counts the bytes that a writer keeps until its upload begins. It does not wait: other
// writers that are as slow as this one may hold the memory for long.
func (b *Backend) countSmall() (release func()) {
	if b.memory == nil {
		return func() {}
	}
	lease := b.memory.Sessions.Open()
	lease.Take(maxSmall)
	return lease.Close
}
