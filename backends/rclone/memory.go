package rclone

import (
	"context"
	"strconv"

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
}

// newShares returns nil where nothing is shared.
func newShares(ledger *fairshare.Ledger, parts *memory.Parts) *shares {
	if ledger == nil || parts == nil {
		return nil
	}
	s := &shares{
		bytes: ledger.Resource("buffers of rclone (bytes)", parts.Stores.Most()),
		turn:  ledger.Resource("turn for buffers of rclone", 1),
	}
	s.bytes.LeaveRoom()
	return s
}

// errInterleaved is the error of an upload for which there is no memory beside the others of its
// connection. An SFTP client may send several files in turn on one connection, which is not read
// while an upload waits. So the other uploads, whose memory it waits for, would not end.
var errInterleaved = &vfs.Error{Kind: vfs.KindBusy, Reason: "too many files at once for this storage, try again later"}

// lease waits for size bytes of lease. The caller calls release.
func (s *shares) lease(ctx context.Context, lease *memory.Lease, size int64) (release func(), err error) {
	holder := session.HolderOf(ctx)
	share := s.bytes.Request(holder, size)
	if share.Beside() > 0 && holder != (fairshare.Holder{}) {
		if share.Lease() == nil || !lease.TryAcquire(size) {
			share.Withdraw()
			return nil, errInterleaved
		}
		return share.Lease().Release, nil
	}
	select {
	case <-share.Granted():
	case <-ctx.Done():
		share.Withdraw()
		return nil, context.Cause(ctx)
	}
	turn, err := s.turn.Acquire(ctx, holder, 1)
	if err == nil {
		err = lease.Acquire(ctx, size)
		turn.Release()
	}
	if err != nil {
		share.Lease().Release()
		return nil, err
	}
	return share.Lease().Release, nil
}

// leaseStream waits for the memory of an upload that streams, or for the end of ctx. The client
// waits in that time. An upload that needs more than the part for stores has takes all of the part
// and runs alone. The caller calls release.
func (b *Backend) leaseStream(ctx context.Context) (release func(), err error) {
	if b.memory == nil || b.streamBytes == 0 {
		return func() {}, nil
	}
	size := min(b.streamBytes, b.memory.Stores.Most())
	lease, leave := b.memory.Stores.Open(), func() {}
	if b.shares == nil {
		err = lease.Acquire(ctx, size)
	} else {
		leave, err = b.shares.lease(ctx, lease, size)
	}
	if err != nil {
		lease.Close()
		return nil, err
	}
	return func() {
		lease.Close()
		leave()
	}, nil
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
