package rclone

import (
	"context"
	"time"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/internal/tracing"
	"github.com/tidegate/tidegate/vfs"
)

// The calls of rclone that reach the store, as the metrics and the traces name them. One call
// may be several requests of the store's protocol: the pages of a listing, the parts of a
// large file, rclone's own retries.
const (
	callFind       = "find"        // NewObject
	callList       = "list"        // List, ListP: until the first entries are there
	callOpen       = "open"        // Open: until the content begins
	callPut        = "put"         // Put, of a small file
	callPutStream  = "put_stream"  // PutStream, with the time in which the client sends
	callCopy       = "copy"        // Copy
	callMove       = "move"        // Move
	callMoveDir    = "move_dir"    // DirMove
	callMakeDir    = "make_dir"    // Mkdir
	callRemoveDir  = "remove_dir"  // Rmdir
	callRemove     = "remove"      // Remove
	callSetModTime = "set_modtime" // SetModTime
)

// called counts a call that has begun at a time and ends now, also for the operation of ctx. The error is rclone's.
func (b *Backend) called(ctx context.Context, name string, began time.Time, err error) {
	result, failure := "ok", ""
	if err != nil {
		kind := vfs.KindOf(mapError(err))
		result = kind.String()
		if kind != vfs.KindNotExist && kind != vfs.KindIsDir && kind != vfs.KindExist {
			failure = result
		}
	}
	vfs.NoteRequest(ctx)
	b.metrics.Ended(name, result, time.Since(began))
	tracing.RecordRequest(ctx, tracing.Request{Backend: b.metrics.Backend(), Name: name, Began: began, Failure: failure})
}

// call runs a call of rclone that has a result, and counts it. ctx has rclone's settings.
func call[T any](ctx context.Context, b *Backend, name string, do func(ctx context.Context) (T, error)) (T, error) {
	began := time.Now()
	got, err := do(ctx)
	b.called(ctx, name, began, err)
	return got, err
}

// run is call for a call without a result.
func (b *Backend) run(ctx context.Context, name string, do func(ctx context.Context) error) error {
	began := time.Now()
	err := do(ctx)
	b.called(ctx, name, began, err)
	return err
}

// newObject finds a file. The error is rclone's.
func (b *Backend) newObject(ctx context.Context, remote string) (fs.Object, error) {
	return call(ctx, b, callFind, func(ctx context.Context) (fs.Object, error) { return b.files.NewObject(ctx, remote) })
}

func (b *Backend) makeOneDir(ctx context.Context, remote string) error {
	return b.run(ctx, callMakeDir, func(ctx context.Context) error { return b.dirs.Mkdir(ctx, remote) })
}

func (b *Backend) removeOneDir(ctx context.Context, remote string) error {
	return b.run(ctx, callRemoveDir, func(ctx context.Context) error { return b.dirs.Rmdir(ctx, remote) })
}

func (b *Backend) removeObject(ctx context.Context, object fs.Object) error {
	return b.run(ctx, callRemove, object.Remove)
}

func (b *Backend) setObjectTime(ctx context.Context, object fs.Object, t time.Time) error {
	return b.run(ctx, callSetModTime, func(ctx context.Context) error { return object.SetModTime(ctx, t) })
}
