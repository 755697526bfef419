package sftp

import (
	"encoding/binary"
	"fmt"
	"io"
)

// fewBytes are moved to the beginning of the buffer, to make room behind them.
const fewBytes = 1 << 10

// inbox cuts what a client sends into packets. It is used by one goroutine.
type inbox struct {
	r       io.Reader
	buffers *buffers
	// much is true when more comes than one packet after the other.
	much bool
	// buf[start:end] has come and was not taken. buf is nil while the client is
	// silent and nothing is open: thousands of them cost nothing.
	buf        []byte
	start, end int
	// rest is what is missing of the packet that was begun.
	rest int
	err  error
}

// await waits for the first bytes, or the end, which the next call tells.
func (in *inbox) await() { _ = in.fill(false) }

// waiting is what has come and was not taken.
func (in *inbox) waiting() []byte {
	if in.buf == nil {
		return nil
	}
	return in.buf[in.start:in.end]
}

// fill reads more. With keep it goes on holding its buffer while it waits.
func (in *inbox) fill(keep bool) error {
	if in.err != nil {
		return in.err
	}
	if in.start == in.end {
		in.start, in.end = 0, 0
		switch {
		case !keep:
			in.release()
		case in.much:
			in.enlarge()
		}
	}
	if in.buf == nil {
		var first [headBytes]byte
		n, err := in.r.Read(first[:])
		in.buf = in.buffers.get(small)
		in.end, in.err = copy(in.buf, first[:n]), err
	} else {
		if in.end == len(in.buf) || in.end-in.start < fewBytes {
			in.end = copy(in.buf, in.buf[in.start:in.end])
			in.start = 0
		}
		n, err := in.r.Read(in.buf[in.end:])
		in.end, in.err = in.end+n, err
	}
	if in.start < in.end {
		return nil
	}
	return in.err
}

// enlarge takes a large buffer, if there is one, for the empty one.
func (in *inbox) enlarge() {
	if len(in.buf) == largeBytes {
		return
	}
	if b := in.buffers.get(large); b != nil {
		in.release()
		in.buf = b
	}
}

// release gives the buffer back, and forgets what is in it.
func (in *inbox) release() {
	if in.buf != nil {
		in.buffers.put(in.buf)
		in.buf, in.start, in.end = nil, 0, 0
	}
}

// need waits until n bytes have come.
func (in *inbox) need(n int, keep bool) ([]byte, error) {
	for len(in.waiting()) < n {
		had := len(in.waiting())
		if err := in.fill(keep); err != nil && len(in.waiting()) < n {
			if had > 0 && err == io.EOF { //nolint:errorlint // io.Reader's end is the bare value
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return in.waiting()[:n], nil
}

// ready reports whether the next packet, or as much of it as the buffer takes,
// is there already.
func (in *inbox) ready() bool {
	w := in.waiting()
	return len(w) >= headBytes && len(w) >= min(4+int(binary.BigEndian.Uint32(w)), len(in.buf))
}

// next begins the next packet: its type, and how long it is without its length
// and type. Of io.EOF nothing was cut off. With keep it holds its buffer while it
// waits.
func (in *inbox) next(keep bool) (kind byte, length int, err error) {
	head, err := in.need(headBytes, keep)
	if err != nil {
		return 0, 0, err
	}
	n := binary.BigEndian.Uint32(head)
	kind = head[4]
	if n < 1 || n > maxPacket || kind != typeWrite && n > maxSmall {
		return 0, 0, fmt.Errorf("%w: type %d with %d bytes", errPacket, kind, n)
	}
	in.start += headBytes
	in.rest = int(n) - 1
	return kind, in.rest, nil
}

// front returns the first n bytes of the packet, or all where it has less. They
// are good until the next call, and not taken.
func (in *inbox) front(n int) ([]byte, error) {
	b, err := in.need(min(n, in.rest), true)
	if err != nil {
		return nil, cutOff(err)
	}
	return b, nil
}

// take takes n bytes of the packet that front returned.
func (in *inbox) take(n int) {
	in.start += n
	in.rest -= n
}

// some takes what is there of the packet, up to n bytes, and waits when nothing
// is. It is good until the next call.
func (in *inbox) some(n int) ([]byte, error) {
	if _, err := in.need(1, true); err != nil {
		return nil, cutOff(err)
	}
	b := in.waiting()
	b = b[:min(len(b), n)]
	in.take(len(b))
	return b, nil
}

// skip takes what is left of the packet.
func (in *inbox) skip() error {
	for in.rest > 0 {
		if _, err := in.some(in.rest); err != nil {
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
