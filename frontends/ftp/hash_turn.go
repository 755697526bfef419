package ftp

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// turnGrace is how long a turn lasts while nothing comes from the store.
const turnGrace = 50 * time.Millisecond

// turn writes to a hash function in the user's turn. The turn lasts from one Write to
// the next one, so that the files of one user are read and hashed one after the other,
// however many sessions it has. It ends when another user waits, and when the store is
// slow.
type turn struct {
	ctx        context.Context
	processors *fairshare.Resource
	holder     fairshare.Holder
	hash       io.Writer

	mu    sync.Mutex
	lease *fairshare.Lease // nil while it has none
	timer *time.Timer      // ends the turn, nil before the first Write
}

// newTurn returns a writer to hash. end follows.
func newTurn(ctx context.Context, processors *fairshare.Resource, holder fairshare.Holder, hash io.Writer) *turn {
	holder.Connection = "" // all sessions of the user are one
	return &turn{ctx: ctx, processors: processors, holder: holder, hash: hash}
}

func (t *turn) Write(b []byte) (int, error) {
	if err := t.begin(); err != nil {
		return 0, err
	}
	n, err := t.hash.Write(b)
	t.pause()
	return n, err
}

// begin waits for a turn, unless the last one lasts.
func (t *turn) begin() error {
	t.mu.Lock()
	if t.timer != nil {
		t.timer.Stop()
	}
	lasts := t.lease != nil
	t.mu.Unlock()
	if lasts {
		return nil
	}
	lease, err := t.processors.Acquire(t.ctx, t.holder, 1)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lease = lease
	return nil
}

// pause ends the turn when another user waits, or when nothing comes for turnGrace.
func (t *turn) pause() {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.lease == nil: // the timer was faster
	case t.lease.Wanted():
		t.release()
	case t.timer == nil:
		t.timer = time.AfterFunc(turnGrace, t.end)
	default:
		t.timer.Reset(turnGrace)
	}
}

// end ends the turn. A further Write begins another one.
func (t *turn) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		t.timer.Stop()
	}
	t.release()
}

func (t *turn) release() {
	if t.lease != nil {
		t.lease.Release()
		t.lease = nil
	}
}
