package engine

import (
	"errors"
	"io"

	ftpserver "github.com/fclairamb/ftpserverlib"
)

// newHandle returns what the library copies from, for a Download, or to, for an Upload.
func newHandle(s Session, t Transfer, f io.Closer) (ftpserver.FileTransfer, error) {
	h := handle{session: s, transfer: t, file: f}
	switch f := f.(type) {
	case Download:
		return &downloadHandle{h, f}, nil
	case Upload:
		return &uploadHandle{h, f}, nil
	}
	return nil, errors.New("engine: the file of a transfer is no Download and no Upload")
}

// handle is what both have in common.
type handle struct {
	session  Session
	transfer Transfer
	file     io.Closer
}

// Seek does nothing. The library seeks to the position of REST, which the transfer knew
// when it was opened.
func (h handle) Seek(offset int64, _ int) (int64, error) { return offset, nil }

func (h handle) Read([]byte) (int, error)  { return 0, errors.ErrUnsupported }
func (h handle) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }

// TransferError is called when copying fails.
func (h handle) TransferError(err error) { h.transfer.Fail(err) }

func (h handle) Close() (err error) {
	defer h.guard(&err)
	return h.file.Close()
}

// guard turns a panic into the error of the transfer.
func (h handle) guard(err *error) {
	if r := recover(); r != nil {
		*err = h.session.Panicked(r)
		h.transfer.Fail(*err)
	}
}

type downloadHandle struct {
	handle
	file Download
}

// WriteTo is what the library's io.Copy calls.
func (h *downloadHandle) WriteTo(w io.Writer) (n int64, err error) {
	defer h.guard(&err)
	return h.file.WriteTo(w)
}

type uploadHandle struct {
	handle
	file Upload
}

// ReadFrom is what the library's io.Copy calls.
func (h *uploadHandle) ReadFrom(r io.Reader) (n int64, err error) {
	defer h.guard(&err)
	return h.file.ReadFrom(r)
}

func (h *uploadHandle) Write(b []byte) (int, error) { return h.file.Write(b) }
