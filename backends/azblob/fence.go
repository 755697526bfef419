package azblob

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/internal/azurecode"
)

// The service may carry out an attempt without an answer long after it was cancelled, and
// then it must not undo newer changes. Requests that know the version they change carry
// If-Match, those that create a blob If-None-Match, and both fail when they are late. An
// upload that replaces whatever version is there, because the file changes all the time,
// has a fence instead: If-Unmodified-Since with a time slightly ahead of the clock of the
// service. It costs no request and refuses no attempt that is in time. When an attempt was
// lost, the answer to the client waits until the clock of the service has passed the
// fence, so that all later changes are newer.
type fence struct{ until time.Time }

// fenceMargin is how far a fence lies ahead of the clock: the most that the clock may be
// slow, and one second, which is the precision of Last-Modified.
const fenceMargin = 2 * time.Second

func (s *store) newFence() fence {
	return fence{s.clock.now().Truncate(time.Second).Add(fenceMargin)}
}

// conditions returns the conditions of a request with a fence.
func (f fence) conditions() *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfUnmodifiedSince: to.Ptr(f.until)}}
}

const (
	// clockSkew is the most that two clocks of the service's machines differ: the one
	// whose Date was received, and the one that compares the fence with Last-Modified.
	clockSkew = 3 * time.Second
	// longestPass bounds the wait where the Date of an answer was wrong.
	longestPass = 10 * time.Second
)

// pass waits, when an attempt of a fenced request was lost, until every later change is
// newer than the fence. It does not end with ctx: a client that has disconnected may
// reconnect at once.
func (s *store) pass(ctx context.Context, f fence, tries *attempts) {
	if !tries.lost() {
		return
	}
	wait := f.until.Add(time.Second + clockSkew).Sub(s.clock.slowest())
	if wait <= 0 {
		return
	}
	wait = min(wait, longestPass)
	s.log.InfoContext(ctx, "answer lost, waiting for late attempts", "dur", wait)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	<-timer.C
}

// serviceClock is the clock of the service, read from the Date of its answers, each from
// another machine. It may be about a second slow. Before the first answer it is the clock
// of this machine. start must be set.
type serviceClock struct {
	start time.Time // on this machine, with its monotonic clock

	mu    sync.Mutex
	ahead time.Duration // how far the service is ahead of it, by the last answer
	// least is the smallest of these differences in the current stretch of time, and in
	// the one before it.
	least   [2]time.Duration
	stretch time.Time // when the current one began; zero before the first answer
}

// clockStretch is the length of a stretch. The slowest clock is known for two of them.
const clockStretch = 30 * time.Second

// now returns the time by the last answer.
func (c *serviceClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.local().Add(c.ahead)
}

// slowest returns the time by the slowest clock of the service in the last minute.
func (c *serviceClock) slowest() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.local().Add(min(c.least[0], c.least[1]))
}

func (c *serviceClock) local() time.Time { return c.start.Add(time.Since(c.start)) }

// observe takes the time from an answer.
func (c *serviceClock) observe(h http.Header) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return // an answer of a proxy, or of another server
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	local := c.local()
	c.ahead = at.Sub(local)
	switch age := local.Sub(c.stretch); {
	case c.stretch.IsZero(), age >= 2*clockStretch:
		c.least = [2]time.Duration{c.ahead, c.ahead}
		c.stretch = local
	case age >= clockStretch:
		c.least = [2]time.Duration{c.ahead, c.least[0]}
		c.stretch = local
	default:
		c.least[0] = min(c.least[0], c.ahead)
	}
}

// attempts counts how often a request was sent. When it was sent more than once, an earlier
// attempt whose answer was lost may have succeeded. Then the condition of a later attempt may
// fail because the earlier one has changed the blob.
type attempts struct{ sent, unanswered atomic.Int32 }

// none reports whether no request was sent.
func (a *attempts) none() bool { return a.sent.Load() == 0 }

func (a *attempts) repeated() bool { return a.sent.Load() > 1 }

// lost reports whether an attempt may still be carried out.
func (a *attempts) lost() bool { return a.unanswered.Load() > 0 }

type attemptsKey struct{}

// counting returns a context for one request, whose attempts are counted.
func counting(ctx context.Context) (context.Context, *attempts) {
	a := new(attempts)
	return context.WithValue(ctx, attemptsKey{}, a), a
}

// attemptCounter follows the retry policy in the pipeline, so that it sees each attempt.
type attemptCounter struct{}

func (attemptCounter) Do(req *policy.Request) (*http.Response, error) {
	a, ok := req.Raw().Context().Value(attemptsKey{}).(*attempts)
	if !ok {
		return req.Next()
	}
	a.sent.Add(1)
	resp, err := req.Next()
	if err != nil || resp.StatusCode == http.StatusRequestTimeout ||
		resp.StatusCode >= http.StatusInternalServerError && !saysNothingDone(resp) {
		a.unanswered.Add(1)
	}
	return resp, err
}

// saysNothingDone reports whether the service has refused the request before it changed
// anything. After its other failures, by its documentation, the request may have succeeded.
func saysNothingDone(resp *http.Response) bool {
	code := bloberror.Code(resp.Header.Get("x-ms-error-code"))
	return code == bloberror.ServerBusy || code == azurecode.AzuriteStrict
}
