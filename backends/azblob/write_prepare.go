package azblob

import (
	"context"

	"github.com/tidegate/tidegate/vfs"
)

// gate holds the last byte of the bodies of a commit that may still be aborted. The service
// makes nothing visible of a request whose body is shorter than its Content-Length.
type gate struct{ open chan struct{} }

// isOpen reports whether everything may be sent.
func (g *gate) isOpen() bool {
	if g == nil {
		return true
	}
	select {
	case <-g.open:
		return true
	default:
		return false
	}
}

type gateKey struct{}

// gateOf returns the gate of the commit that ctx is for, nil when there is none.
func gateOf(ctx context.Context) *gate {
	g, _ := ctx.Value(gateKey{}).(*gate)
	return g
}

// preparation is a commit that was begun before it was decided on.
type preparation struct {
	gate   *gate
	ctx    context.Context // has the gate
	cancel context.CancelCauseFunc

	done chan struct{}
	info blobInfo // valid once done is closed
	err  error
}

// Prepare begins the commit: it stores the last block, or sends the Put Blob or the block
// list up to its last byte. A file without content has no byte to hold, so that nothing is
// begun.
func (w *writer) Prepare(ctx context.Context, o vfs.CommitOptions) {
	if w.received == 0 {
		return
	}
	p := &preparation{gate: &gate{make(chan struct{})}, done: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancelCause(context.WithValue(ctx, gateKey{}, p.gate))
	if !w.queue.prepare(p) {
		p.cancel(nil)
		return
	}
	go func() {
		defer close(p.done)
		p.info, p.err = w.commitAll(p.ctx, o)
	}()
}

// finish opens the gate and returns the result of the commit.
func (p *preparation) finish(ctx context.Context, q *blockQueue) (blobInfo, error) {
	defer p.cancel(nil)
	if err := q.failure(ctx); err != nil {
		p.drop(err)
		return blobInfo{}, err
	}
	stop := context.AfterFunc(ctx, func() { p.cancel(context.Cause(ctx)) })
	defer stop()
	close(p.gate.open)
	<-p.done
	return p.info, p.err
}

// drop ends the requests without the commit, and waits for them.
func (p *preparation) drop(cause error) {
	p.cancel(cause)
	<-p.done
}
