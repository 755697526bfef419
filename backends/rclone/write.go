package rclone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/vfs"
)

// maxSmall is how many bytes of a file are kept in memory before its upload begins. A file
// of at most this size is stored in one request with a known size. Some stores accept only
// that.
const maxSmall = 256 << 10

// Create checks the arguments and the target. The upload begins after maxSmall bytes, or at
// the commit.
func (b *Backend) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	remote, err := b.begin(ctx, p)
	switch {
	case err != nil:
		return nil, err
	case o.Mode == vfs.ModeAppend || o.Mode == vfs.ModeResume:
		return nil, vfs.NewError(vfs.KindUnsupported, nil)
	case p.IsRoot():
		return nil, vfs.NewError(vfs.KindIsDir, nil)
	case !b.facts.directPut && b.features.Move == nil && b.features.Copy == nil:
		return nil, vfs.NewError(vfs.KindUnsupported, errors.New("the store can neither move nor copy, so an upload could not replace its target as a whole"))
	}
	if b.facts.reportsDirs || o.Mode == vfs.ModeExclusive {
		switch _, err := b.find(ctx, remote); {
		case err == nil && o.Mode == vfs.ModeExclusive:
			return nil, vfs.NewError(vfs.KindExist, nil)
		case err != nil && vfs.KindOf(err) != vfs.KindNotExist:
			return nil, err
		}
	}
	if err := b.confine(ctx, remote); err != nil {
		return nil, err
	}
	return &writer{b: b, ctx: ctx, name: p.Base(), target: remote, o: o}, nil
}

// writer is one file that is being written.
type writer struct {
	b      *Backend
	ctx    context.Context
	name   string
	target string
	o      vfs.CreateOptions

	mu      sync.Mutex // Abort may be called during a Write
	ended   bool
	small   []byte
	forget  func()  // gives the memory of small back; nil before it is used
	up      *upload // nil while small has all bytes
	written int64
}

var _ vfs.Writer = (*writer)(nil)

// Old returns nothing, because appending is not supported.
func (w *writer) Old() (vfs.Info, bool) { return vfs.Info{}, false }

func (w *writer) Write(p []byte) (int, error) {
	up, first, err := w.take(p)
	if err != nil || up == nil {
		return len(p), err
	}
	if len(first) > 0 {
		if _, err := up.pipe.Write(first); err != nil {
			return 0, w.why(up, err)
		}
	}
	n, err := up.pipe.Write(p)
	w.written += int64(n)
	if err != nil {
		return n, w.why(up, err)
	}
	return n, nil
}

// take keeps p in memory and returns no upload, or returns the upload for p, and the bytes
// that were kept, which are written first.
func (w *writer) take(p []byte) (up *upload, first []byte, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return nil, nil, err
	}
	if w.up != nil {
		return w.up, nil, nil
	}
	if len(w.small)+len(p) <= maxSmall {
		if w.forget == nil {
			w.forget = w.b.countSmall()
		}
		w.small = append(w.small, p...)
		w.written += int64(len(p))
		return nil, nil, nil
	}
	if w.b.features.PutStream == nil {
		return nil, nil, &vfs.Error{Kind: vfs.KindTooLarge, Reason: "this store takes only small files", Err: errors.New("rclone cannot stream to it without knowing the size")}
	}
	first, w.small = w.small, nil
	w.dropSmall()
	w.up = w.b.startUpload(w.ctx, newIncoming(w.b, w.o, -1), w.target)
	return w.up, first, nil
}

// dropSmall gives the memory of small back. It is called with w.mu held.
func (w *writer) dropSmall() {
	w.small = nil
	if w.forget != nil {
		w.forget()
		w.forget = nil
	}
}

// usable is called with w.mu held.
func (w *writer) usable() error {
	if err := w.ctx.Err(); err != nil {
		return vfs.NewError(vfs.KindCanceled, err)
	}
	if w.ended {
		return vfs.NewError(vfs.KindCanceled, errEnded)
	}
	return nil
}

var (
	errEnded   = errors.New("the writer has ended")
	errAborted = errors.New("the upload was aborted")
)

// why returns the cause of the error of a pipe.
func (w *writer) why(up *upload, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return err
	}
	select {
	case <-up.done:
		return w.b.mapError(errors.Join(up.err, err))
	default:
		return w.b.mapError(err)
	}
}

func (w *writer) Abort() {
	w.mu.Lock()
	w.ended = true
	w.dropSmall()
	up := w.up
	w.mu.Unlock()
	if up != nil {
		up.abort(errAborted)
	}
}

func (w *writer) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	w.mu.Lock()
	err := w.usable()
	w.ended = true
	up, small, forget := w.up, w.small, w.forget
	w.small, w.forget = nil, nil
	w.mu.Unlock()
	if forget != nil {
		defer forget()
	}
	if err == nil && ctx.Err() != nil {
		err = vfs.NewError(vfs.KindCanceled, ctx.Err())
	}
	if err == nil && w.o.Mode == vfs.ModeExclusive {
		err = w.b.wantNoFile(ctx, w.target)
	}
	if err != nil {
		if up != nil {
			up.abort(errAborted)
		}
		return vfs.Info{}, err
	}
	// The end of either context cancels: the one of the Writer and the one of Commit.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(w.ctx, cancel)()

	if up == nil {
		up = w.b.putSmall(ctx, newIncoming(w.b, w.o, int64(len(small))), w.target, small, o.ModTime)
	} else {
		up.finish(ctx, o.ModTime)
	}
	object, err := w.b.settle(ctx, up, o.ModTime, w.written)
	if err != nil {
		return vfs.Info{}, err
	}
	info := w.b.infoOf(ctx, object)
	info.Name, info.Size = w.name, w.written
	return info, nil
}

// wantNoFile is the check of ModeExclusive and NoReplace. It precedes the change.
func (b *Backend) wantNoFile(ctx context.Context, remote string) error {
	_, err := b.find(ctx, remote)
	switch {
	case err == nil:
		return vfs.NewError(vfs.KindExist, nil)
	case vfs.KindOf(err) == vfs.KindNotExist:
		return nil
	}
	return err
}

// settle moves a finished upload to its target, with its time. When it fails it removes the
// upload.
func (b *Backend) settle(ctx context.Context, up *upload, modTime time.Time, size int64) (fs.Object, error) {
	direct := up.at == up.target
	if up.err != nil {
		err := b.mapError(up.err)
		if direct && ctx.Err() != nil {
			// The store may have finished the upload nevertheless.
			err = vfs.NewError(vfs.KindUnavailable, up.err)
		}
		return nil, err
	}
	object := up.object
	// The size under a hidden name is that of this upload. Under the target's name another
	// client's file may already be.
	if got := object.Size(); !direct && got >= 0 && got != size {
		b.discard(ctx, up.at)
		return nil, vfs.NewError(vfs.KindUnavailable, fmt.Errorf("wrote %d bytes, the store has %d", size, got))
	}
	if !modTime.IsZero() && b.caps.SetModTime && !up.incoming.sawOnly(modTime) {
		if err := b.setTime(ctx, object, modTime); err != nil {
			if !direct {
				b.discard(ctx, up.at)
				return nil, b.mapError(err)
			}
			// The file is stored as a whole, which matters more than the time.
			b.log.WarnContext(ctx, "modification time not kept", "path", up.target, "err", err)
		}
	}
	if direct {
		return object, nil
	}
	placed, err := b.replace(ctx, object, up.target)
	if errors.Is(err, errSourceStays) {
		return placed, nil
	}
	if err != nil {
		if !errors.Is(err, errKeep) {
			b.discard(ctx, up.at)
		}
		return nil, err
	}
	return placed, nil
}

func (b *Backend) setTime(ctx context.Context, object fs.Object, t time.Time) error {
	ctx, cancel := b.lasting(ctx)
	defer cancel()
	return b.setObjectTime(ctx, object, t)
}

// discard removes the hidden file of an upload.
func (b *Backend) discard(ctx context.Context, remote string) {
	ctx, cancel := b.lasting(ctx)
	defer cancel()
	object, err := b.newObject(ctx, remote)
	if err == nil {
		err = b.removeObject(ctx, object)
	}
	if err != nil && vfs.KindOf(mapError(err)) != vfs.KindNotExist {
		b.log.WarnContext(ctx, "hidden file left behind", "path", remote, "err", err)
	}
}

// SetModTime has the store set the time. Some stores copy the file onto itself for that,
// without moving its content.
func (b *Backend) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	remote, err := b.begin(ctx, p)
	if err != nil {
		return err
	}
	if !b.caps.SetModTime {
		return vfs.NewError(vfs.KindUnsupported, nil)
	}
	object, err := b.find(ctx, remote)
	if vfs.KindOf(err) == vfs.KindNotExist && b.findDir(ctx, remote) == nil {
		err = vfs.NewError(vfs.KindIsDir, err)
	}
	if err != nil {
		return err
	}
	if !vfs.FitsNanoseconds(t) {
		return vfs.NewError(vfs.KindInvalid, errors.New("the time is out of the range that rclone can set"))
	}
	return b.mapError(b.setObjectTime(b.with(ctx), object, t))
}

// putSmall uploads a file from memory and returns the finished upload.
func (b *Backend) putSmall(ctx context.Context, in *incoming, target string, content []byte, modTime time.Time) *upload {
	up := &upload{b: b, incoming: in, target: target}
	in.setTime(modTime)
	up.put(ctx, func(ctx context.Context, options []fs.OpenOption) (fs.Object, error) {
		return call(ctx, b, callPut, func(ctx context.Context) (fs.Object, error) {
			return b.files.Put(ctx, bytes.NewReader(content), in, options...)
		})
	})
	return up
}
