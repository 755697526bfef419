package sftp

import (
	"errors"
	"math"

	"github.com/tidegate/tidegate/frontends/sftp/reorder"
	"github.com/tidegate/tidegate/vfs"
)

// source is where the bytes of a WRITE come from: at most n at a time, good until
// the next call.
type source interface {
	Some(n int) ([]byte, error)
}

// receive takes the n bytes of one WRITE from the receive buffer; what it leaves
// there was refused. Whatever cannot be done makes the upload fail.
func (u *upload) receive(in source, off uint64, n int) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.mode != failed {
		if err := u.take(in, off, n); err != nil {
			_ = u.failWith(err)
		}
	}
	return u.cause
}

func (u *upload) take(in source, where uint64, n int) error {
	off := int64(where)
	switch {
	case n == 0:
		return nil
	case u.mode == copying:
		return errAgain
	case off < 0 || off > math.MaxInt64-int64(n):
		return vfs.NewError(vfs.KindOffset, nil)
	case !u.mode.decided():
		if err := u.decide(off); err != nil {
			return err
		}
	}
	switch {
	case u.mode.decided() && off == u.next:
		if err := u.stream(in, n); err != nil {
			return err
		}
		return u.drain()
	case u.mode.decided() && off < u.next:
		return errAgain
	}
	return u.hold(in, off, n)
}

// hold keeps a WRITE that comes before its turn.
func (u *upload) hold(in source, off int64, n int) error {
	err := u.early.Add(u.next, off, n, func(b []byte) error {
		for len(b) > 0 {
			some, err := in.Some(len(b))
			if err != nil {
				return u.s.lostReason()
			}
			b = b[copy(b, some):]
		}
		return nil
	})
	switch {
	case errors.Is(err, reorder.ErrOverlap):
		return errAgain
	case errors.Is(err, reorder.ErrFull):
		return unsupported("written too far ahead of what is missing")
	case err == nil:
		u.received += int64(n)
	}
	return err
}

// stream writes the next n bytes as they come.
func (u *upload) stream(in source, n int) error {
	for n > 0 {
		b, err := in.Some(n)
		if err != nil {
			return u.s.lostReason()
		}
		if err := u.write(b); err != nil {
			return err
		}
		n -= len(b)
	}
	return nil
}

// drain writes the WRITEs whose turn it is.
func (u *upload) drain() error {
	for !u.early.Empty() && u.early.Start() <= u.next {
		if u.early.Start() < u.next {
			return errAgain
		}
		err := u.early.Pop(func(b []byte) error {
			u.received -= int64(len(b))
			return u.write(b)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *upload) write(b []byte) error {
	if u.mode == stored {
		if err := u.reopen(); err != nil {
			return err
		}
	}
	n, err := u.w.Write(b)
	u.next += int64(n)
	u.received += int64(n)
	return err
}
