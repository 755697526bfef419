package rclone

import (
	"context"
	"strconv"

	"github.com/rclone/rclone/fs"
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

// leaseStream waits for the memory of an upload that streams, or for the end of ctx. The client
// waits in that time. An upload that needs more than the part for stores has takes all of the part
// and runs alone. The caller calls release.
func (b *Backend) leaseStream(ctx context.Context) (release func(), err error) {
	if b.memory == nil {
		return func() {}, nil
	}
	lease := b.memory.Stores.Open()
	if err := lease.Acquire(ctx, min(b.streamBytes, b.memory.Stores.Most())); err != nil {
		lease.Close()
		return nil, err
	}
	return lease.Close, nil
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
