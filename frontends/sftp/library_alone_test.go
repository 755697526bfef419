package sftp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	library "github.com/pkg/sftp"

	"github.com/tidegate/tidegate/vfs"
)

// alone are the handlers of pkg/sftp's server over a View: about what a frontend
// would be that left all else to the library.
type alone struct {
	ctx  context.Context
	view *vfs.View
}

// serveAlone serves a View by the library, and returns the client's side of the
// channel.
func serveAlone(t *testing.T, view *vfs.View) net.Conn {
	t.Helper()
	client, server := net.Pipe()
	h := alone{t.Context(), view}
	s := library.NewRequestServer(server, library.Handlers{FileGet: h, FilePut: h, FileCmd: h, FileList: h}, library.WithRSMaxTxPacket(255<<10))
	var ended sync.WaitGroup
	ended.Go(func() { _ = s.Serve() })
	t.Cleanup(func() {
		_, _ = client.Close(), server.Close()
		ended.Wait()
	})
	return client
}

// refusal is what the library makes a STATUS of.
func refusal(err error) error {
	switch {
	case err == nil:
		return nil
	case vfs.KindOf(err) == vfs.KindNotExist:
		return os.ErrNotExist
	case vfs.KindOf(err) == vfs.KindPermission:
		return os.ErrPermission
	case vfs.KindOf(err) == vfs.KindUnsupported:
		return library.ErrSSHFxOpUnsupported
	default:
		return errors.New(vfs.ReasonOf(err))
	}
}

func (h alone) path(r *library.Request) (vfs.Path, error) {
	return vfs.ParsePath(vfs.Path{}, r.Filepath)
}

func (h alone) Fileread(r *library.Request) (io.ReaderAt, error) {
	p, err := h.path(r)
	if err != nil {
		return nil, refusal(err)
	}
	in, err := h.view.Open(h.ctx, p, vfs.OpenOptions{})
	if err != nil {
		return nil, refusal(err)
	}
	return &aloneReader{h: h, path: p, in: in}, nil
}

type aloneReader struct {
	h    alone
	path vfs.Path

	mu  sync.Mutex
	in  vfs.Reader
	pos int64
}

func (r *aloneReader) ReadAt(b []byte, off int64) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if off != r.pos {
		info := r.in.Info()
		if off >= info.Size {
			return 0, io.EOF
		}
		in, err := r.h.view.Open(r.h.ctx, r.path, vfs.OpenOptions{Offset: off, Version: info.Version})
		if err != nil {
			return 0, refusal(err)
		}
		_ = r.in.Close()
		r.in, r.pos = in, off
	}
	n, err := io.ReadFull(r.in, b)
	r.pos += int64(n)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

func (r *aloneReader) Close() error { return r.in.Close() }

func (h alone) Filewrite(r *library.Request) (io.WriterAt, error) {
	p, err := h.path(r)
	if err != nil {
		return nil, refusal(err)
	}
	o := vfs.CreateOptions{}
	if r.Pflags().Excl {
		o.Mode = vfs.ModeExclusive
		if _, err := h.view.Stat(h.ctx, p, vfs.TypeFile); err == nil {
			return nil, os.ErrExist
		}
	}
	w, err := h.view.Create(h.ctx, p, o)
	if err != nil {
		return nil, refusal(err)
	}
	return &aloneWriter{ctx: h.ctx, w: w, early: map[int64][]byte{}}, nil
}

// aloneWriter brings WRITEs into their order: several goroutines bring them.
type aloneWriter struct {
	ctx context.Context

	mu    sync.Mutex
	w     vfs.Writer
	next  int64
	early map[int64][]byte
	err   error
}

func (w *aloneWriter) WriteAt(b []byte, off int64) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.early[off] = bytes.Clone(b)
	for part, ok := w.early[w.next]; ok && w.err == nil; part, ok = w.early[w.next] {
		delete(w.early, w.next)
		_, w.err = w.w.Write(part)
		w.next += int64(len(part))
	}
	if w.err != nil {
		return 0, refusal(w.err)
	}
	return len(b), nil
}

// TransferError is called when the channel ends before the CLOSE.
func (w *aloneWriter) TransferError(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
}

func (w *aloneWriter) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.w.Abort()
	switch {
	case w.err != nil:
		return refusal(w.err)
	case len(w.early) > 0:
		return errors.New("file has a hole")
	}
	_, err := w.w.Commit(w.ctx, vfs.CommitOptions{})
	return refusal(err)
}

func (h alone) PosixRename(r *library.Request) error { return h.rename(r, vfs.RenameOptions{}) }

func (h alone) rename(r *library.Request, o vfs.RenameOptions) error {
	from, err := h.path(r)
	to, toErr := vfs.ParsePath(vfs.Path{}, r.Target)
	if err = errors.Join(err, toErr); err != nil {
		return refusal(err)
	}
	return refusal(h.view.Rename(h.ctx, from, to, o))
}

func (h alone) Filecmd(r *library.Request) error {
	p, err := h.path(r)
	if err != nil {
		return refusal(err)
	}
	switch r.Method {
	case "Mkdir":
		return refusal(h.view.Mkdir(h.ctx, p))
	case "Rmdir":
		return refusal(h.view.Remove(h.ctx, p, vfs.TypeDir))
	case "Remove":
		return refusal(h.view.Remove(h.ctx, p, vfs.TypeFile))
	case "Rename":
		return h.rename(r, vfs.RenameOptions{NoReplace: true})
	case "Setstat":
		if a := r.Attributes(); r.AttrFlags().Acmodtime {
			return refusal(h.view.SetModTime(h.ctx, p, time.Unix(int64(a.Mtime), 0)))
		}
		_, err := h.view.Stat(h.ctx, p, vfs.TypeAny)
		return refusal(err)
	default:
		return library.ErrSSHFxOpUnsupported
	}
}

func (h alone) Filelist(r *library.Request) (library.ListerAt, error) {
	p, err := h.path(r)
	if err != nil {
		return nil, refusal(err)
	}
	if r.Method != "List" {
		info, err := h.view.Stat(h.ctx, p, vfs.TypeAny)
		return aloneList{aloneInfo{info}}, refusal(err)
	}
	var all aloneList
	for info, err := range h.view.List(h.ctx, p) {
		if err != nil {
			return nil, refusal(err)
		}
		all = append(all, aloneInfo{info})
	}
	return all, nil
}

type aloneList []os.FileInfo

func (l aloneList) ListAt(to []os.FileInfo, at int64) (int, error) {
	if at >= int64(len(l)) {
		return 0, io.EOF
	}
	return copy(to, l[at:]), nil
}

type aloneInfo struct{ i vfs.Info }

func (i aloneInfo) Name() string       { return i.i.Name }
func (i aloneInfo) Size() int64        { return i.i.Size }
func (i aloneInfo) ModTime() time.Time { return i.i.ModTime }
func (i aloneInfo) IsDir() bool        { return i.i.IsDir() }
func (i aloneInfo) Sys() any           { return nil }
func (i aloneInfo) Mode() os.FileMode {
	if i.IsDir() {
		return os.ModeDir | 0o755
	}
	return 0o644
}
