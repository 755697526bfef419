package azblob

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

// An attempt whose answer never came may be carried out by the service long
// after it was given up, and then it must not undo anything newer. Requests that
// know the version they work on carry If-Match, those for what must not be there
// If-None-Match, and both fail when they are late. An upload that replaces whatever
// is there, because that changes all the time, has a fence instead: If-Unmodified-Since with a time a little
// ahead of the service's clock, which costs no request and refuses nothing that
// is in time. When an attempt was lost, the answer to the client waits until the
// service's clock has passed the fence, so that all that follows is newer.
type fence struct{ until time.Time }

// fenceMargin is how far a fence lies ahead of the clock: what the clock may be
// slow, and one second, which is the precision of Last-Modified.
const fenceMargin = 2 * time.Second

func (b *Backend) newFence() fence {
	return fence{b.clock.now().Truncate(time.Second).Add(fenceMargin)}
}

// conditions are those of a request that is fenced.
func (f fence) conditions() *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfUnmodifiedSince: to.Ptr(f.until)}}
}

// pass waits, when an attempt of a fenced request was lost, until nothing that
// comes later can be taken for older than the fence. It does not end with ctx: a
// client that has left may come back at once.
func (b *Backend) pass(ctx context.Context, f fence, tries *attempts) {
	if !tries.lost() {
		return
	}
	wait := f.until.Add(time.Second).Sub(b.clock.now())
	if wait <= 0 {
		return
	}
	b.log.InfoContext(ctx, "the answer to a request was lost: waiting until it cannot undo what follows", "dur", wait)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	<-timer.C
}

// serviceClock is the clock of the service as its answers tell it. It may be
// about a second slow and is not fast. Before the first answer it is that of
// this machine. The zero value must be started.
type serviceClock struct {
	start time.Time    // by this machine, with its monotonic clock
	ahead atomic.Int64 // nanoseconds that the service is ahead of it
}

func (c *serviceClock) now() time.Time {
	return c.start.Add(time.Since(c.start)).Add(time.Duration(c.ahead.Load()))
}

// observe takes the time from an answer.
func (c *serviceClock) observe(h http.Header) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return // from a proxy, or from something that is no service at all
	}
	c.ahead.Store(int64(at.Sub(c.start.Add(time.Since(c.start)))))
}

// attempts counts how often a request was sent. More than once means that an
// earlier attempt may have done the work although its answer was lost, so that
// a condition that is not met any more may be our own doing.
type attempts struct{ sent, unanswered atomic.Int32 }

func (a *attempts) repeated() bool { return a.sent.Load() > 1 }

// lost reports whether an attempt may still be carried out.
func (a *attempts) lost() bool { return a.unanswered.Load() > 0 }

type attemptsKey struct{}

// counting returns a context whose one request is counted.
func counting(ctx context.Context) (context.Context, *attempts) {
	a := new(attempts)
	return context.WithValue(ctx, attemptsKey{}, a), a
}

// attemptCounter stands behind the retry policy and sees every attempt.
type attemptCounter struct{}

func (attemptCounter) Do(req *policy.Request) (*http.Response, error) {
	a, ok := req.Raw().Context().Value(attemptsKey{}).(*attempts)
	if !ok {
		return req.Next()
	}
	a.sent.Add(1)
	resp, err := req.Next()
	// "Server busy" is said before anything is done; of the other failures
	// of the service its documentation says that the request may have succeeded.
	if err != nil || resp.StatusCode == http.StatusRequestTimeout ||
		resp.StatusCode >= http.StatusInternalServerError && resp.Header.Get("x-ms-error-code") != string(bloberror.ServerBusy) {
		a.unanswered.Add(1)
	}
	return resp, err
}

// serverTimeout asks the service to give an attempt up when we do, for what no
// condition can prevent: that a late upload makes a file that was removed in
// between. Only requests that change something carry it.
type serverTimeout struct{ standard time.Duration }

type tryTimeoutKey struct{}

func (p serverTimeout) Do(req *policy.Request) (*http.Response, error) {
	raw := req.Raw()
	if raw.Method != http.MethodPut && raw.Method != http.MethodDelete {
		return req.Next()
	}
	timeout := p.standard
	if t, ok := raw.Context().Value(tryTimeoutKey{}).(time.Duration); ok {
		timeout = t
	}
	if timeout > 0 {
		seconds := max(1, int64(timeout/time.Second))
		if raw.URL.RawQuery != "" {
			raw.URL.RawQuery += "&"
		}
		raw.URL.RawQuery += "timeout=" + strconv.FormatInt(seconds, 10)
	}
	return req.Next()
}
