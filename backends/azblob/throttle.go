package azblob

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

// throttle bounds how many bodies of uploads are on their way while the service
// asks for fewer requests: their number is halved each time it does, and grows by
// one with each round that went well, as TCP does it (additive increase,
// multiplicative decrease). A service that does not ask is not held to anything.
type throttle struct {
	mu     sync.Mutex
	active int
	limit  int       // 0 is none
	since  time.Time // of the last change downwards
	well   int       // attempts that went well since the limit changed
	queue  []chan struct{}
}

// unlimited is how large a limit grows before it is none.
const unlimited = maxSending

// enter waits until one more may be on its way. done ends it.
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
	t.active-- // it was our turn just now
	t.next()
	return nil, ctx.Err()
}

func (t *throttle) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.active--
	t.next()
}

// next lets in the next that wait. mu must be held.
func (t *throttle) next() {
	for len(t.queue) > 0 && (t.limit == 0 || t.active < t.limit) {
		close(t.queue[0])
		t.queue = t.queue[1:]
		t.active++
	}
}

// learn takes the answer to an attempt that began at the given time. Attempts
// that were on their way when the limit was lowered tell nothing new.
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
