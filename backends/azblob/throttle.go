package azblob

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

// throttle bounds how many bodies of uploads are in flight while the service asks for
// fewer requests. Their number is halved each time the service does, and grows by one with
// each round of successes, as in TCP (additive increase, multiplicative decrease). Without
// such an answer there is no limit.
type throttle struct {
	mu     sync.Mutex
	active int
	limit  int       // 0 is none
	since  time.Time // of the last decrease
	well   int       // attempts that succeeded since the limit changed
	queue  []chan struct{}
}

// unlimited is the size at which a limit is dropped.
const unlimited = maxSending

// enter waits until one more body may be in flight. The caller calls done at its end.
func (t *throttle) enter(ctx context.Context) (done func(), err error) {
	t.mu.Lock()
	if t.limit == 0 || t.active < t.limit {
		t.active++
		t.mu.Unlock()
		return t.leave, nil
	}
	turn := make(chan struct{})
	t.queue = append(t.queue, turn)
	t.mu.Unlock()
	select {
	case <-turn:
		return t.leave, nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, other := range t.queue {
		if other == turn {
			t.queue = append(t.queue[:i], t.queue[i+1:]...)
			return nil, ctx.Err()
		}
	}
	t.active-- // next has counted this attempt just now
	t.next()
	return nil, ctx.Err()
}

func (t *throttle) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.active--
	t.next()
}

// next admits waiting attempts while the limit allows it. mu must be held.
func (t *throttle) next() {
	for len(t.queue) > 0 && (t.limit == 0 || t.active < t.limit) {
		close(t.queue[0])
		t.queue = t.queue[1:]
		t.active++
	}
}

// learn adapts the limit to the answer to an attempt that began at the given time. Attempts
// that were in flight when the limit was lowered do not lower it again.
func (t *throttle) learn(began time.Time, resp *http.Response) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case asksForLess(resp):
		if began.Before(t.since) {
			return
		}
		now := t.active
		if t.limit > 0 {
			now = min(now, t.limit)
		}
		t.limit, t.since, t.well = max(1, now/2), time.Now(), 0
	case t.limit == 0 || resp.StatusCode >= http.StatusInternalServerError:
	default:
		if t.well++; t.well < t.limit {
			return
		}
		t.well = 0
		if t.limit++; t.limit >= unlimited {
			t.limit = 0
		}
		t.next()
	}
}

// asksForLess reports whether the answer says that there are too many requests.
func asksForLess(resp *http.Response) bool {
	return resp != nil && (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable ||
		resp.Header.Get("x-ms-error-code") == string(bloberror.OperationTimedOut))
}
