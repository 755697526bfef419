package vfs

import (
	"context"
	"io"
	"sync"
	"time"
)

// Limiter limits what the operations of one user take. Its methods may be called
// concurrently.
type Limiter interface {
	// Request waits until the user may have one more unanswered request to a store. The
	// caller calls answered when the store has answered. If ctx ends first, the error is
	// KindCanceled.
	Request(ctx context.Context) (answered func(), err error)
	// Download returns the meter of a file that is read.
	Download() Meter
	// Upload returns the meter of a file that is written, or an error if the user may write
	// no more bytes. size is the number of bytes that the file has already.
	Upload(size int64) (Meter, error)
}

// Meter counts the bytes of one file. It is used by one goroutine at a time.
type Meter interface {
	// Quantum is how many bytes may move at once; 0 is any number. It may change at any
	// time.
	Quantum() int
	// Have sets how many bytes a file that is written has already.
	Have(size int64) error
	// Moved counts n more bytes, and waits until the bandwidth allows them. For an upload
	// that exceeds its limits, the error is KindTooLarge or KindQuota.
	Moved(ctx context.Context, n int) error
	// End is called at the end of the file, once, and returns how long Moved has waited.
	End() (waited time.Duration)
}

// RequestCounter is a Backend that calls BeginRequest for each of its requests while
// CountsRequests returns true. For another Backend, the View counts each operation as one
// request.
type RequestCounter interface{ CountsRequests() bool }

// limiterKey is where the context of an operation of a RequestCounter has the Limiter.
type limiterKey struct{}

// WithLimiter returns a context for an operation of a RequestCounter whose requests l limits.
func WithLimiter(ctx context.Context, l Limiter) context.Context {
	return context.WithValue(ctx, limiterKey{}, l)
}

// WithinRequest returns a context for requests that belong to a request that has begun and has
// not ended, such as one that finds out why it was refused. With this context BeginRequest does
// not wait: otherwise the first request would wait for itself.
func WithinRequest(ctx context.Context) context.Context { return WithLimiter(ctx, nil) }

// BeginRequest waits until the user of the operation of ctx may have one more unanswered
// request to a store. A RequestCounter calls it before each request, and calls answered when
// the store begins to answer.
func BeginRequest(ctx context.Context) (answered func(), err error) {
	if l, ok := ctx.Value(limiterKey{}).(Limiter); ok {
		return l.Request(ctx)
	}
	return func() {}, nil
}

// ask prepares an operation of b. It returns the context of the operation, and a function that
// the caller calls when the store has answered.
func (v *View) ask(ctx context.Context, b Backend) (asking context.Context, answered func(), err error) {
	if v.limiter == nil {
		return ctx, func() {}, nil
	}
	if c, ok := b.(RequestCounter); ok && c.CountsRequests() {
		return WithLimiter(ctx, v.limiter), func() {}, nil
	}
	answered, err = v.limiter.Request(ctx)
	return ctx, answered, err
}

// asking runs one operation of b.
func (v *View) asking(ctx context.Context, b Backend, operation func(ctx context.Context) error) error {
	ctx, answered, err := v.ask(ctx, b)
	if err != nil {
		return err
	}
	defer answered()
	return operation(ctx)
}

// unlimited is the meter of a View without a Limiter.
type unlimited struct{}

func (unlimited) Quantum() int                     { return 0 }
func (unlimited) Have(int64) error                 { return nil }
func (unlimited) Moved(context.Context, int) error { return nil }
func (unlimited) End() time.Duration               { return 0 }

// download returns the meter of a file that is read.
func (v *View) download() Meter {
	if v.limiter == nil {
		return unlimited{}
	}
	return v.limiter.Download()
}

// upload returns the meter of a file that is written as o says.
func (v *View) upload(o CreateOptions) (Meter, error) {
	if v.limiter == nil {
		return unlimited{}, nil
	}
	return v.limiter.Upload(o.Offset)
}

// metered counts the bytes of one file that pass through it.
type metered struct {
	ctx context.Context

	// mu is held while bytes wait. Only end is called beside the other methods.
	mu    sync.Mutex
	meter Meter
	// tracker gets the bytes too.
	tracker Tracker
	// refused is the first error of the meter.
	refused error
}

// part returns as much of b as may move at once.
func (m *metered) part(b []byte) []byte {
	if q := m.meter.Quantum(); q > 0 && len(b) > q {
		return b[:q]
	}
	return b
}

// moved counts n bytes. After an error no more bytes may move.
func (m *metered) moved(n int) error {
	if n > 0 {
		m.tracker.Moved(n)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refused == nil && n > 0 {
		m.refused = m.meter.Moved(m.ctx, n)
	}
	return m.refused
}

// refusal returns the error of the bytes that were refused, nil if none were.
func (m *metered) refusal() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused
}

// end is called once. It returns how long the bytes have waited.
func (m *metered) end() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tracker.End()
	return m.meter.End()
}

// meteredReader is a Reader whose bytes are counted.
type meteredReader struct {
	r io.Reader
	m *metered
}

func (r meteredReader) Read(b []byte) (int, error) {
	n, err := r.r.Read(r.m.part(b))
	if refused := r.m.moved(n); refused != nil {
		return 0, refused
	}
	return n, err
}

// meteredWriter is a Writer whose bytes are counted.
type meteredWriter struct {
	w io.Writer
	m *metered
}

func (w meteredWriter) Write(b []byte) (written int, err error) {
	for len(b) > 0 {
		n, err := w.w.Write(w.m.part(b))
		written += n
		if err != nil {
			return written, err
		}
		if err := w.m.moved(n); err != nil {
			return written, err
		}
		b = b[n:]
	}
	return written, nil
}
