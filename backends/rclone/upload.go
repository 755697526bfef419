package rclone

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/rclone/rclone/fs"
	"github.com/rclone/rclone/fs/hash"

	"github.com/tidegate/tidegate/vfs"
)

// upload is one call of rclone's Put or PutStream, and its result.
type upload struct {
	b        *Backend
	incoming *incoming
	target   string

	// The following belong to an upload that streams. A goroutine runs it and
	// closes done; abort and finish wait for that.
	pipe   *io.PipeWriter
	cancel context.CancelFunc
	done   chan struct{}
	// memory is what it takes, and leave ends the wait for it.
	memory *stream
	leave  context.CancelCauseFunc

	// The result, which may be read after the end of the upload. at is the name of the
	// uploaded file: the target, or a hidden one.
	at     string
	object fs.Object
	err    error
}

// startUpload begins to stream to the target or to a hidden name. The end of ctx ends the
// stream with an error, but not the request: rclone must be able to delete the uploaded
// parts.
func (b *Backend) startUpload(ctx context.Context, in *incoming, target string) *upload {
	source, pipe := io.Pipe()
	up := &upload{b: b, incoming: in, target: target, pipe: pipe, done: make(chan struct{}), memory: b.newStream(ctx)}
	unwatch := context.AfterFunc(ctx, func() { _ = pipe.CloseWithError(ctx.Err()) })
	request, cancel := context.WithCancel(context.WithoutCancel(ctx))
	waiting, leave := context.WithCancelCause(ctx)
	up.leave = leave
	up.cancel = func() {
		cancel()
		up.leave(nil)
	}
	go func() {
		defer close(up.done)
		defer cancel()
		defer unwatch()
		defer up.leave(nil)
		defer up.memory.release()
		if up.err = up.memory.acquire(waiting, b); up.err == nil {
			up.put(request, func(ctx context.Context, options []fs.OpenOption) (fs.Object, error) {
				return call(ctx, b, callPutStream, func(ctx context.Context) (fs.Object, error) {
					return b.features.PutStream(ctx, source, in, options...)
				})
			})
		}
		// A Write must not wait for a reader that has ended.
		_ = source.CloseWithError(up.err)
	}()
	return up
}

// put chooses the name and uploads. When the upload fails, no hidden file is left.
func (up *upload) put(ctx context.Context, put func(context.Context, []fs.OpenOption) (fs.Object, error)) {
	if up.at, up.err = up.b.uploadName(ctx, up.target); up.err != nil {
		return
	}
	up.incoming.remote = up.at
	up.object, up.err = put(up.b.with(ctx), up.incoming.options())
	if up.err != nil && up.at != up.target {
		up.b.discard(ctx, up.at)
	}
}

// uploadName returns the name under which a file for the target is uploaded. A hidden name
// is in the target's directory or, if that does not exist, in its nearest existing parent:
// if possible on the same file system as the target, in a directory where the user may
// write, and without a trace after an abort.
func (b *Backend) uploadName(ctx context.Context, target string) (string, error) {
	if b.facts.directPut {
		return target, nil
	}
	dir, err := b.nearestDir(ctx, target)
	if err != nil {
		return "", err
	}
	return hiddenIn(dir, uploadPrefix), nil
}

// nearestDir returns the nearest existing parent of remote, "" where the store would need a
// listing. The error is of KindNotExist when a parent is a file.
func (b *Backend) nearestDir(ctx context.Context, remote string) (string, error) {
	if !b.facts.reportsDirs {
		return "", nil
	}
	dir := parentOf(remote)
	for ; dir != ""; dir = parentOf(dir) {
		_, err := b.find(ctx, dir)
		if err == nil {
			return "", vfs.NewError(vfs.KindNotExist, errBelowFile)
		}
		if kind := vfs.KindOf(err); kind == vfs.KindIsDir {
			break
		} else if kind != vfs.KindNotExist {
			return "", err
		}
	}
	return dir, nil
}

// abort ends the upload with cause and waits for its end. It may be called more than once,
// and after the end of the upload.
func (up *upload) abort(cause error) {
	up.memory.ends()
	_ = up.pipe.CloseWithError(cause)
	up.leave(cause)
	overdue := time.AfterFunc(grace, up.cancel)
	defer overdue.Stop()
	<-up.done
}

// finish ends the stream and waits for the store's answer. When ctx ends meanwhile, the
// store has a short time left to answer.
func (up *upload) finish(ctx context.Context, modTime time.Time) {
	up.memory.ends()
	up.incoming.setTime(modTime)
	_ = up.pipe.Close()
	select {
	case <-up.done:
		return
	case <-ctx.Done():
	}
	overdue := time.AfterFunc(grace, up.cancel)
	defer overdue.Stop()
	<-up.done
}

// incoming describes a file to rclone during its upload.
type incoming struct {
	b            *Backend
	remote       string
	size         int64 // -1 for unknown
	contentType  string
	cacheControl string

	mu   sync.Mutex
	time time.Time
	// answers are the times that ModTime has returned: stores that send the time ahead call
	// it before the client has set it.
	answers []time.Time
}

var (
	_ fs.ObjectInfo = (*incoming)(nil)
	_ fs.MimeTyper  = (*incoming)(nil)
)

func newIncoming(b *Backend, o vfs.CreateOptions, size int64) *incoming {
	return &incoming{b: b, size: size, contentType: o.ContentType, cacheControl: o.CacheControl}
}

func (in *incoming) Fs() fs.Info    { return in.b.files }
func (in *incoming) String() string { return in.remote }
func (in *incoming) Remote() string { return in.remote }
func (in *incoming) Size() int64    { return in.size }
func (in *incoming) Storable() bool { return true }

func (in *incoming) Hash(context.Context, hash.Type) (string, error) { return "", hash.ErrUnsupported }

// MimeType is never empty, because rclone would then ask the host's tables.
func (in *incoming) MimeType(context.Context) string {
	if in.contentType == "" {
		return "application/octet-stream"
	}
	return in.contentType
}

// ModTime returns the time that the client has set, otherwise the present. Stores call it
// before the first byte or after the last.
func (in *incoming) ModTime(context.Context) time.Time {
	in.mu.Lock()
	defer in.mu.Unlock()
	t := in.time
	if t.IsZero() {
		t = time.Now().Round(0)
	}
	in.answers = append(in.answers, t)
	return t
}

// setTime sets the time at the commit; zero means the present.
func (in *incoming) setTime(t time.Time) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.time = t
}

// sawOnly reports whether rclone has called ModTime and every call returned t.
func (in *incoming) sawOnly(t time.Time) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, answer := range in.answers {
		if !answer.Equal(t) {
			return false
		}
	}
	return len(in.answers) > 0
}

func (in *incoming) options() []fs.OpenOption {
	if in.cacheControl == "" {
		return nil
	}
	return []fs.OpenOption{&fs.HTTPOption{Key: "Cache-Control", Value: in.cacheControl}}
}
