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

func (s *store) newFence() fence {
	return fence{s.clock.now().Truncate(time.Second).Add(fenceMargin)}
}

// conditions are those of a request that is fenced.
func (f fence) conditions() *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfUnmodifiedSince: to.Ptr(f.until)}}
}

const (
	// clockSkew is how far the clocks of the service's machines may be apart:
	// the one whose Date we saw, and the one that compares the fence with
	// Last-Modified.
	clockSkew = 3 * time.Second
	// longestPass bounds the wait where an answer told a time that cannot be.
	longestPass = 10 * time.Second
)

// pass waits, when an attempt of a fenced request was lost, until nothing that
// comes later can be taken for older than the fence. It does not end with ctx: a
// client that has left may come back at once.
func (s *store) pass(ctx context.Context, f fence, tries *attempts) {
	if !tries.lost() {
		return
	}
	wait := f.until.Add(time.Second + clockSkew).Sub(s.clock.slowest())
	if wait <= 0 {
		return
	}
	wait = min(wait, longestPass)
	s.log.InfoContext(ctx, "the answer to a request was lost: waiting until it cannot undo what follows", "dur", wait)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	<-timer.C
}

// serviceClock is the clock of the service as its answers tell it, each that of
// another machine. It may be about a second slow. Before the first answer it is
// that of this machine. The zero value must be started.
type serviceClock struct {
	start time.Time // by this machine, with its monotonic clock

	mu    sync.Mutex
	ahead time.Duration // what the service is ahead of it, by the last answer
	// least is the smallest of those in the present stretch of time, and in the
	// one before it.
	least   [2]time.Duration
	stretch time.Time // when the present one began; zero before the first answer
}

// clockStretch is how long one half of the memory for the slowest clock is.
const clockStretch = 30 * time.Second

// now is the time by the last answer.
func (c *serviceClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.local().Add(c.ahead)
}

// slowest is the time by the slowest of the service's clocks that was seen in the
// last minute.
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
		return // from a proxy, or from something that is no service at all
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
	if err != nil || resp.StatusCode == http.StatusRequestTimeout ||
		resp.StatusCode >= http.StatusInternalServerError && !saysNothingDone(resp) {
		a.unanswered.Add(1)
	}
	return resp, err
}

// saysNothingDone reports whether the service refused before it did anything. Of its
// other failures the documentation says that the request may have succeeded.
func saysNothingDone(resp *http.Response) bool {
	code := bloberror.Code(resp.Header.Get("x-ms-error-code"))
	return code == bloberror.ServerBusy || code == azurecode.AzuriteStrict
}
