package wire

import (
	"encoding/binary"
	"fmt"
	"io"
)

// fewBytes are moved to the beginning of the buffer, to make room behind them.
const fewBytes = 1 << 10

// Buffers are the buffers of a Reader.
type Buffers interface {
	// Get returns a buffer that holds a packet of MaxOther, or with bulk a larger
	// one, which may be nil when there is none at the moment.
	Get(bulk bool) []byte
	// Put takes back what Get returned.
	Put(b []byte)
}

// Reader cuts the bytes of a client into packets. Its buffer is the receive
// buffer of a session. It is used by one goroutine.
//
//	t, n, err := r.Next(false)
//	body, err := r.Peek(n)
//	request, err := wire.ParseRequest(t, body)
//	r.Discard(n)
type Reader struct {
	// Bulk is true while more comes than one packet after the other: then a large
	// buffer is worth its memory.
	Bulk bool

	r       io.Reader
	buffers Buffers
	// buf[start:end] has come and was not taken. buf is nil while the client is
	// silent and nothing is open: thousands of such sessions cost nothing.
	buf        []byte
	start, end int
	// large is true when buf is a large one.
	large bool
	// rest is what is missing of the packet that was begun.
	rest int
	err  error
}

// NewReader returns a Reader of what comes from r.
func NewReader(r io.Reader, b Buffers) *Reader { return &Reader{r: r, buffers: b} }

// Await waits for the first bytes, or for the end, which the next call returns.
func (r *Reader) Await() { _ = r.fill(false) }

// buffered is what has come and was not taken.
func (r *Reader) buffered() []byte {
	if r.buf == nil {
		return nil
	}
	return r.buf[r.start:r.end]
}

// fill reads more. With keep it keeps its buffer while it waits.
func (r *Reader) fill(keep bool) error {
	if r.err != nil {
		return r.err
	}
	if r.start == r.end {
		r.start, r.end = 0, 0
		switch {
		case !keep:
			r.Release()
		case r.Bulk:
			r.enlarge()
		}
	}
	if r.buf == nil {
		var first [HeadBytes]byte
		n, err := r.r.Read(first[:])
		r.buf = r.buffers.Get(false)
		r.end, r.err = copy(r.buf, first[:n]), err
	} else {
		if r.end == len(r.buf) || r.end-r.start < fewBytes {
			r.end = copy(r.buf, r.buf[r.start:r.end])
			r.start = 0
		}
		n, err := r.r.Read(r.buf[r.end:])
		r.end, r.err = r.end+n, err
	}
	if r.start < r.end {
		return nil
	}
	return r.err
}

// enlarge takes a large buffer, if there is one, for the empty one.
func (r *Reader) enlarge() {
	if r.large {
		return
	}
	if b := r.buffers.Get(true); b != nil {
		r.Release()
		r.buf, r.large = b, true
	}
}

// Release gives the buffer back, and drops what is in it.
func (r *Reader) Release() {
	if r.buf != nil {
		r.buffers.Put(r.buf)
		r.buf, r.start, r.end, r.large = nil, 0, 0, false
	}
}

// need waits until n bytes have come.
func (r *Reader) need(n int, keep bool) ([]byte, error) {
	for len(r.buffered()) < n {
		had := len(r.buffered())
		if err := r.fill(keep); err != nil && len(r.buffered()) < n {
			if had > 0 && err == io.EOF { //nolint:errorlint // io.Reader's end is the bare value
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return r.buffered()[:n], nil
}

// Next begins the next packet: its type, and the length of its body. The error is
// io.EOF at the end of the stream, between two packets, io.ErrUnexpectedEOF inside
// of one, and ErrMalformed for a length that no request has. With keep it keeps its
// buffer while it waits.
func (r *Reader) Next(keep bool) (t Type, length int, err error) {
	head, err := r.need(HeadBytes, keep)
	if err != nil {
		return 0, 0, err
	}
	n := binary.BigEndian.Uint32(head)
	t = Type(head[4])
	if n < 1 || n > MaxPacket || t != TypeWrite && n > MaxOther {
		return 0, 0, fmt.Errorf("%w: %v with %d bytes", ErrMalformed, t, n)
	}
	r.start += HeadBytes
	r.rest = int(n) - 1
	return t, r.rest, nil
}

// Peek returns the first n bytes of the body, or all where it has less. They are
// valid until the next call, and not taken.
func (r *Reader) Peek(n int) ([]byte, error) {
	b, err := r.need(min(n, r.rest), true)
	if err != nil {
		return nil, cutOff(err)
	}
	return b, nil
}

// Discard takes n bytes that Peek has returned.
func (r *Reader) Discard(n int) {
	r.start += n
	r.rest -= n
}

// Some takes what has come of the body, up to n bytes, and waits when nothing has.
// It is valid until the next call.
func (r *Reader) Some(n int) ([]byte, error) {
	if _, err := r.need(1, true); err != nil {
		return nil, cutOff(err)
	}
	b := r.buffered()
	b = b[:min(len(b), n)]
	r.Discard(len(b))
	return b, nil
}

// Skip takes what is left of the body.
func (r *Reader) Skip() error {
	for r.rest > 0 {
		if _, err := r.Some(r.rest); err != nil {
			return err
		}
	}
	return nil
}

func cutOff(err error) error {
	if err == io.EOF { //nolint:errorlint // io.Reader's end is the bare value
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("sftp: packet is cut off: %w", err)
}
