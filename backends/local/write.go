package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// Create begins a file at p in a temporary file. For ModeAppend and ModeResume
// the old content is copied into it now.
func (b *Backend) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	w, err := b.newWriter(ctx, p, o.Mode)
	if err != nil {
		return nil, err
	}
	if o.Mode != vfs.ModeAppend && o.Mode != vfs.ModeResume {
		return w.stage()
	}
	old, fi, err := b.openFile(w.name)
	if err != nil && vfs.KindOf(err) != vfs.KindNotExist {
		return nil, err
	}
	if err == nil {
		defer func() { _ = old.Close() }()
		w.old = fi
	}
	if o.Mode == vfs.ModeResume && (w.old == nil || w.old.Size() != o.Offset) {
		return nil, vfs.NewError(vfs.KindOffset, nil)
	}
	if _, err := w.stage(); err != nil || w.old == nil {
		return w, err
	}
	if err := w.fill(old, w.old); err != nil {
		w.Abort()
		return nil, err
	}
	return w, nil
}

type writer struct {
	b    *Backend
	ctx  context.Context
	name string // the target, below the root
	base string // its last element as the client wrote it
	mode vfs.Mode
	old  os.FileInfo // the file that new bytes are appended to, nil for none

	// The temporary file: open, in the open directory dir, which was at
	// dirName below the root.
	f       *os.File
	dir     *os.Root
	dirName string
	temp    string

	mu     sync.Mutex // Abort may be called during a Write
	done   bool
	failed error // the error of a Write: the file is not whole
}

var _ io.ReaderFrom = (*writer)(nil)

// errDone is the cause when a Writer is used after its end.
var errDone = errors.New("the writer was committed or aborted")

// newWriter returns a Writer for p that has no temporary file yet.
func (b *Backend) newWriter(ctx context.Context, p vfs.Path, mode vfs.Mode) (*writer, error) {
	name, err := b.beginMaking(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := b.mayReplace(name, mode == vfs.ModeExclusive); err != nil {
		return nil, err
	}
	return &writer{b: b, ctx: ctx, name: name, base: p.Base(), mode: mode}, nil
}

// stage creates the temporary file, in the directory of the target or its nearest existing
// parent: directories that are created now would stay after an Abort.
func (w *writer) stage() (*writer, error) {
	w.temp = newTempName()
	w.b.staged.add(w.temp)
	for w.dirName = filepath.Dir(w.name); ; w.dirName = filepath.Dir(w.dirName) {
		err := w.stageIn()
		if err == nil {
			return w, nil
		}
		if vfs.KindOf(err) != vfs.KindNotExist || w.dirName == "." {
			w.b.staged.remove(w.temp)
			return nil, err
		}
	}
}

func (w *writer) stageIn() error {
	dir, err := w.b.openDir(w.dirName)
	if err != nil {
		return err
	}
	f, err := w.b.o.create(dir, w.temp)
	if err != nil {
		return errors.Join(w.b.fail(err), dir.Close())
	}
	w.f, w.dir = f, dir
	return nil
}

// fill writes the content of src, which fi described when it was opened.
func (w *writer) fill(src *os.File, fi os.FileInfo) error {
	n, err := transfer(w.ctx, w.f, src)
	if err == nil && n != fi.Size() {
		return vfs.NewError(vfs.KindConflict, errors.New("the file was changed in place"))
	}
	return w.b.fail(err)
}

// usable returns the error with which the Writer refuses further calls, or nil.
func (w *writer) usable() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state()
}

// state is usable for a caller that holds w.mu.
func (w *writer) state() error {
	switch {
	case w.done:
		return vfs.NewError(vfs.KindCanceled, errDone)
	case w.failed != nil:
		return w.b.fail(w.failed)
	}
	return canceled(w.ctx)
}

func (w *writer) Old() (vfs.Info, bool) {
	if w.old == nil {
		return vfs.Info{}, false
	}
	return describe(w.old, w.base), true
}

func (w *writer) Write(p []byte) (int, error) {
	if err := w.usable(); err != nil {
		return 0, err
	}
	n, err := w.f.Write(p)
	return n, w.broken(w.b.fail(err))
}

// ReadFrom lets the kernel move the bytes when src is a socket or a file. Errors of src are
// returned unchanged.
func (w *writer) ReadFrom(src io.Reader) (int64, error) {
	if err := w.usable(); err != nil {
		return 0, err
	}
	n, err := transfer(w.ctx, w.f, src)
	// Where the kernel moves the bytes, package os attributes every error to the
	// file. Errors that a file cannot have are the socket's.
	if err != nil && isFrom(err, w.f) && w.b.kindOf(err) != vfs.KindInternal {
		err = w.b.fail(err)
	}
	return n, w.broken(err)
}

// broken records that bytes were lost, so that Commit fails, and returns err.
func (w *writer) broken(err error) error {
	if err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.failed = err
	}
	return err
}

// Abort removes the temporary file. A Write that is in the kernel ends by itself and
// releases the descriptor.
func (w *writer) Abort() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
}

// end releases everything, once. w.mu must be held.
func (w *writer) end() {
	if w.done {
		return
	}
	w.done = true
	_ = w.f.Close()
	w.discard()
}

// discard removes the temporary file, even if its directory has moved, and closes the
// directory.
func (w *writer) discard() {
	_ = w.dir.Remove(w.temp)
	_ = w.dir.Close()
	w.b.staged.remove(w.temp)
}

// Commit writes the content to the disk if Options.Fsync is set, and then gives the file
// its name.
func (w *writer) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.state(); err != nil {
		w.end()
		return vfs.Info{}, err
	}
	w.done = true
	if err := w.finish(ctx, o); err != nil {
		w.discard()
		return vfs.Info{}, err
	}
	fi, top, err := w.publish()
	if err != nil {
		w.discard()
		return vfs.Info{}, err
	}
	_ = w.dir.Close()
	w.b.staged.remove(w.temp)
	if err := w.b.syncDirs(top, filepath.Dir(w.name)); err != nil {
		return vfs.Info{}, err
	}
	return describe(fi, w.base), nil
}

// finish closes the temporary file and sets its time.
func (w *writer) finish(ctx context.Context, o vfs.CommitOptions) error {
	err := canceled(ctx)
	if err == nil && w.b.o.Fsync {
		err = w.f.Sync()
	}
	if err := errors.Join(err, w.f.Close()); err != nil {
		return w.b.fail(err)
	}
	// After Close, because Windows sets the time of a file then.
	if o.ModTime.IsZero() {
		o.ModTime = time.Now()
	}
	if err := w.dir.Chtimes(w.temp, time.Time{}, o.ModTime); err != nil {
		return w.b.fail(err)
	}
	return canceled(ctx)
}

// publish gives the file its name and returns its description, and the outermost directory
// that has changed.
func (w *writer) publish() (fi os.FileInfo, top string, err error) {
	b := w.b
	b.changes.Lock()
	defer b.changes.Unlock()
	exclusive := w.mode == vfs.ModeExclusive
	if err := b.mayReplace(w.name, exclusive); err != nil {
		return nil, "", err
	}
	if err := w.wantUnchanged(); err != nil {
		return nil, "", err
	}
	top, made, err := b.makeParents(w.name)
	if err != nil {
		return nil, "", err
	}
	temp := filepath.Join(w.dirName, w.temp)
	if exclusive {
		err = b.moveExclusive(temp, w.name)
	} else {
		err = b.fail(b.root().Rename(temp, w.name))
	}
	if err != nil {
		b.unmake(made)
		if vfs.KindOf(err) == vfs.KindNotExist {
			err = vfs.NewError(vfs.KindConflict, err) // the directory was moved or removed
		}
		return nil, "", err
	}
	if fi, err = b.statFile(w.name); err != nil {
		// The file is in its place, or another program has moved it since.
		return nil, "", vfs.NewError(vfs.KindUnavailable, err)
	}
	return fi, top, nil
}

// wantUnchanged returns KindConflict when the file at the target is not the one whose
// content was copied at Create.
func (w *writer) wantUnchanged() error {
	if w.mode != vfs.ModeAppend && w.mode != vfs.ModeResume {
		return nil
	}
	now, err := w.b.root().Stat(w.name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && w.old == nil:
		return nil
	case err == nil && w.old != nil && os.SameFile(now, w.old) && now.Size() == w.old.Size() && now.ModTime().Equal(w.old.ModTime()):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return w.b.fail(err)
	}
	return vfs.NewError(vfs.KindConflict, nil)
}
