package limits

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// Quantum is how many bytes a transfer takes of a bandwidth at a time.
const Quantum = 32 << 10

// meter counts the bytes of one file. It is used by one goroutine at a time.
type meter struct {
	holders []*holder
	buckets []*bucket
	uploads bool
	// size is that of the file that is written, so far.
	size int64
	// owed are bytes that have moved and are not paid. begun is true after the first ones.
	owed   int64
	begun  bool
	waited time.Duration
}

var _ vfs.Meter = (*meter)(nil)

// Quantum implements vfs.Meter.
func (m *meter) Quantum() int {
	for _, b := range m.buckets {
		if b.limited.Load() {
			return Quantum
		}
	}
	return 0
}

// Have implements vfs.Meter.
func (m *meter) Have(size int64) error {
	m.size = size
	for _, h := range m.holders {
		if reached := h.mayUpload(size); reached != nil {
			return refusal(reached)
		}
	}
	return nil
}

// Moved implements vfs.Meter.
func (m *meter) Moved(ctx context.Context, n int) error {
	if m.uploads {
		if err := m.uploaded(int64(n)); err != nil {
			return err
		}
	}
	if m.Quantum() == 0 {
		m.owed = 0
		return nil
	}
	m.owed += int64(n)
	if !m.begun && m.owed < Quantum {
		m.begun = true
		return m.pay(ctx, 0) // for what others have left to pay
	}
	for m.owed >= Quantum {
		m.begun = true
		m.owed -= Quantum
		if err := m.pay(ctx, Quantum); err != nil {
			return err
		}
	}
	return nil
}

// pay waits for n bytes of each bandwidth.
func (m *meter) pay(ctx context.Context, n int) error {
	start := time.Now()
	defer func() { m.waited += time.Since(start) }()
	for _, b := range m.buckets {
		if err := b.wait(ctx, n); err != nil {
			return vfs.NewError(vfs.KindCanceled, err)
		}
	}
	return nil
}

// uploaded counts n bytes of an upload.
func (m *meter) uploaded(n int64) error {
	m.size += n
	for i, h := range m.holders {
		reached := h.addUploaded(n, m.size)
		if reached == nil {
			continue
		}
		for _, counted := range m.holders[:i] {
			counted.removeUploaded(n)
		}
		return refusal(reached)
	}
	return nil
}

// End implements vfs.Meter.
func (m *meter) End() (waited time.Duration) {
	for _, b := range m.buckets {
		b.charge(int(m.owed))
	}
	m.owed = 0
	return m.waited
}

// refusal returns the error of an upload.
func refusal(reached *Reached) error {
	e := &vfs.Error{Kind: vfs.KindTooLarge, Reason: "file is larger than this " + reached.Owner.noun() + " may upload", Err: reached}
	if reached.Limit == uploadBytesPerDay {
		e.Kind, e.Reason = vfs.KindQuota, "daily upload quota of this "+reached.Owner.noun()+" is used up"
	}
	return e
}
