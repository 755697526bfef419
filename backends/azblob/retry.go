package azblob

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/vfs"
)

const (
	// slowestUpload is the rate, in bytes per second, below which an attempt to send a
	// body is cancelled: the time-out grows with the size of the body.
	slowestUpload = 128 << 10

	retryDelay    = 200 * time.Millisecond // doubles from one attempt to the next
	maxRetryDelay = 10 * time.Second
)

// verifyTimeout bounds the request that finds out whether a commit without an answer
// succeeded. That request does not end with the context of the caller.
const verifyTimeout = 10 * time.Second

// retryLimits say how long a request and its attempts may take.
type retryLimits struct {
	// first bounds the first attempt and next each other one; 0 is no bound.
	// Requests that only read are repeated early: most attempts that take as long are
	// lost with their connection.
	first, next time.Duration
	// budget is how long after the first failure an attempt may begin; with 0, tries
	// decides. total bounds all attempts together; 0 is no bound.
	budget, total time.Duration
	// tries is the most attempts; 0 is no bound.
	tries int

	delay, maxDelay time.Duration

	// bulk requests carry the content of uploads. Fewer of them are in flight while the
	// service answers that it is busy.
	bulk bool
	// streams ends the bound of an attempt with the header of the answer: the reader has
	// a watchdog for the body.
	streams bool
}

// defaultLimits returns the limits of interactive requests and of the bodies of transfers. A
// client waits for the end of an interactive request and disconnects after 30 to 60 s, so that
// it gets an error before that. When an upload fails, the client has to send the whole file
// again, which is more load on a busy service. So the requests of uploads are repeated for
// longer. A partition that moves answers "busy" for 10 to 30 s.
func defaultLimits() (interactive, bulk retryLimits) {
	interactive = retryLimits{
		first: 15 * time.Second, next: 30 * time.Second, budget: 10 * time.Second, total: 45 * time.Second,
		delay: retryDelay, maxDelay: maxRetryDelay,
	}
	bulk = retryLimits{
		first: time.Minute, next: time.Minute, budget: 90 * time.Second,
		delay: retryDelay, maxDelay: maxRetryDelay,
	}
	return interactive, bulk
}

// limitsOf returns the limits that Options.Retry asks for, for requests of both kinds.
func limitsOf(o *policy.RetryOptions) retryLimits {
	return retryLimits{
		first: o.TryTimeout, next: o.TryTimeout, tries: max(1, int(o.MaxRetries)+1), delay: o.RetryDelay, maxDelay: o.MaxRetryDelay,
	}
}

type limitsKey struct{}

// forBody returns a context for a request of an upload that sends size bytes.
func (s *store) forBody(ctx context.Context, size int64) context.Context {
	p := s.bulk
	p.bulk = true
	more := time.Duration(size/slowestUpload) * time.Second
	p.first += more
	p.next += more
	return context.WithValue(ctx, limitsKey{}, p)
}

// forStream returns a context for a request whose answer is read at the
// client's pace. While a file is being opened, the client waits for it.
func (s *store) forStream(ctx context.Context, opening bool) context.Context {
	p := s.interactive
	if !opening {
		p.budget, p.total = s.bulk.budget, s.bulk.total
	}
	p.streams = true
	return context.WithValue(ctx, limitsKey{}, p)
}

// retryPolicy repeats failed attempts. It replaces the policy of the SDK, which limits the
// number of attempts but not their time, and which does not retry at all when the service asks
// for a pause longer than the SDK's maximum.
type retryPolicy struct{ s *store }

func (r retryPolicy) Do(req *policy.Request) (*http.Response, error) {
	ctx := req.Raw().Context()
	p, ok := ctx.Value(limitsKey{}).(retryLimits)
	if !ok {
		p = r.s.interactive
	}
	answered, err := vfs.BeginRequest(ctx)
	if err != nil {
		return nil, err
	}
	defer answered()
	began := time.Now()
	var failed time.Time // for the first time
	for try := 1; ; try++ {
		if ctx.Err() != nil {
			return nil, ctx.Err() // before anything was sent
		}
		if try > 1 {
			r.s.metrics.Retried(requestName(req.Raw()))
		}
		resp, err := r.attempt(req, p, try, p.bound(try, began))
		if ctx.Err() != nil {
			closeBody(resp)
			return nil, ctx.Err()
		}
		r.s.observe(req.Raw(), resp, err)
		if !mayRepeat(resp, err) {
			return resp, err
		}
		now := time.Now()
		if failed.IsZero() {
			failed = now
		}
		wait := p.pause(try, resp)
		if !p.goesOn(try, now.Add(wait), began, failed) {
			return resp, err
		}
		closeBody(resp)
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// attempt sends the request once. try counts from 1.
func (r retryPolicy) attempt(req *policy.Request, p retryLimits, try int, bound time.Duration) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Raw().Context())
	if p.bulk {
		leave, err := r.s.throttle.enter(ctx)
		if err != nil {
			cancel(nil)
			return nil, err
		}
		defer leave()
	}
	began := time.Now()
	var timer *time.Timer
	if bound > 0 {
		timer = time.AfterFunc(bound, func() { cancel(noAnswerError{bound}) })
	}
	answered := r.s.silence.await(req.Raw())
	once := req.Clone(ctx)
	setServiceTimeout(once.Raw(), bound)
	resp, err := once.Next()
	answered(resp != nil)
	attempted(r.s.metrics, once.Raw(), resp, began, try)
	if timer != nil && (err != nil || p.streams) {
		timer.Stop()
	}
	if err != nil {
		if late, ok := errors.AsType[noAnswerError](context.Cause(ctx)); ok {
			err = late
		}
		cancel(nil)
		return nil, err
	}
	if p.bulk {
		r.s.throttle.learn(began, resp)
	}
	resp.Body = &attemptBody{resp.Body, cancel, timer}
	return resp, nil
}

// setServiceTimeout asks the service to cancel an attempt when its bound has passed. No
// condition can prevent that a late upload makes a file again that was removed in the
// meantime. Only requests that change something carry the time-out.
func setServiceTimeout(req *http.Request, bound time.Duration) {
	if bound <= 0 || req.Method != http.MethodPut && req.Method != http.MethodDelete {
		return
	}
	if req.URL.RawQuery != "" {
		req.URL.RawQuery += "&"
	}
	req.URL.RawQuery += "timeout=" + strconv.FormatInt(max(1, int64(bound/time.Second)), 10)
}

// noAnswerError is the cause when an attempt has exceeded its bound.
type noAnswerError struct{ after time.Duration }

func (e noAnswerError) Error() string {
	return "no answer within " + e.after.Round(time.Millisecond).String()
}

// attemptBody ends the attempt when its answer has been read.
type attemptBody struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
	timer  *time.Timer // may be nil
}

func (b *attemptBody) Close() error {
	err := b.ReadCloser.Close()
	if b.timer != nil {
		b.timer.Stop()
	}
	b.cancel(nil)
	return err
}

func closeBody(resp *http.Response) {
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close() // its content is not needed
	}
}

// bound returns how long the attempt may take.
func (p retryLimits) bound(try int, began time.Time) time.Duration {
	bound := p.next
	if try == 1 {
		bound = p.first
	}
	if p.total > 0 && bound > 0 {
		bound = max(time.Second, min(bound, p.total-time.Since(began)))
	}
	return bound
}

// goesOn reports whether one more attempt may begin at the given time.
func (p retryLimits) goesOn(try int, at, began, failed time.Time) bool {
	return (p.tries == 0 || try < p.tries) &&
		(p.budget == 0 || !at.After(failed.Add(p.budget))) &&
		(p.total == 0 || at.Before(began.Add(p.total)))
}

// pause returns how long to wait after the attempt: as long as the service asks for, and a
// random part more, so that not all requests are repeated at the same time.
func (p retryLimits) pause(try int, resp *http.Response) time.Duration {
	if asked := retryAfter(resp); asked > 0 {
		return asked + time.Duration(rand.Int64N(int64(p.delay)+1)) //nolint:gosec // no secret
	}
	wait := p.maxDelay
	if try < 32 {
		wait = min(wait, p.delay<<(try-1))
	}
	return wait - time.Duration(rand.Int64N(int64(wait/3)+1)) //nolint:gosec // no secret
}

// retryAfter returns the pause that an answer asks for, 0 for none: RFC 9110, 10.2.3.
func retryAfter(resp *http.Response) time.Duration {
	if resp == nil {
		return 0
	}
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, at.Sub(now))
}

// mayRepeat reports whether another attempt may succeed.
func mayRepeat(resp *http.Response, err error) bool {
	if err != nil {
		return !isFinal(err)
	}
	if resp.Header.Get("x-ms-error-code") == string(azurecode.AzuriteStrict) {
		return false
	}
	return runtime.HasStatusCode(resp, http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout)
}

// isFinal reports whether the SDK marks the error as final: a request that it cannot send,
// or an identity that is not available.
func isFinal(err error) bool {
	_, ok := errors.AsType[interface {
		error
		NonRetriable()
	}](err)
	return ok
}

// sleep waits for d, or until the context ends, whose error it returns.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
