package rclone

import (
	"context"
	"strconv"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/session"
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

// shares returns the resource of the memory for uploads that stream. They hold it as long as
// their clients send, so a user leaves room for another one.
func shares(ledger *fairshare.Ledger, parts *memory.Parts) *fairshare.Resource {
	if ledger == nil || parts == nil {
		return nil
	}
	r := ledger.Resource("buffers of rclone (bytes)", parts.Stores.Most())
	r.LeaveRoom()
	return r
}

// leaseStream waits for the memory of an upload that streams, or for the end of ctx. The client
// waits in that time. An upload that needs more than the part for stores has takes all of the part
// and runs alone. The caller calls release.
func (b *Backend) leaseStream(ctx context.Context) (release func(), err error) {
	if b.memory == nil || b.streamBytes == 0 {
		return func() {}, nil
	}
	size := min(b.streamBytes, b.memory.Stores.Most())
	leave := func() {}
	if b.shares != nil {
		share, err := b.shares.Acquire(ctx, session.HolderOf(ctx), size)
		if err != nil {
			return nil, err
		}
		leave = share.Release
	}
	lease := b.memory.Stores.Open()
	if err := lease.Acquire(ctx, size); err != nil {
		lease.Close()
		leave()
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
