package azstub

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Request is what the server remembers of a request.
type Request struct {
	Seq             int64 // 1 for the first request that the server saw
	Kind            Kind
	Container, Blob string
	Header          http.Header // as received; not to be changed
	Query           url.Values  // likewise
	Auth            Auth

	// Start is the time after the headers were read, End the time just before the end of the
	// answer is sent: a request that the client sends because of this answer starts after
	// End. End is zero until then.
	Start, End time.Time

	Status  int    // 0 when no answer was sent, or not all of it
	Code    string // x-ms-error-code of the answer
	In, Out int64  // bytes of the bodies
}

// Range returns the range that the request asks for, such as "bytes=0-99", or
// "". The SDK sends it in the service's own header.
func (r *Request) Range() string {
	if v := r.Header.Get("x-ms-range"); v != "" {
		return v
	}
	return r.Header.Get("Range")
}

// Counts is how many requests of each kind have arrived.
type Counts [numKinds]int64

// Of returns the count of the given kinds together.
func (c Counts) Of(kinds ...Kind) (n int64) {
	for _, k := range kinds {
		n += c[k]
	}
	return n
}

// Total returns the count of all requests.
func (c Counts) Total() (n int64) {
	for _, v := range c {
		n += v
	}
	return n
}

// Since returns what was counted after before.
func (c Counts) Since(before Counts) Counts {
	for k := range c {
		c[k] -= before[k]
	}
	return c
}

// String lists the kinds that occurred, such as "PutBlob 1, HeadBlob 1", or
// says "none".
func (c Counts) String() string {
	var parts []string
	for k, n := range c {
		if n != 0 {
			parts = append(parts, fmt.Sprintf("%v %d", Kind(k), n))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// journal counts requests and remembers the last ones.
type journal struct {
	mu     sync.Mutex
	counts Counts
	seq    int64
	ring   []*Request // at most limit, oldest first from seq%limit on
	limit  int
	active int           // requests under way
	wake   chan struct{} // closed at the next arrival or end; nil when no goroutine waits
}

func (j *journal) begin(r *Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.counts[r.Kind]++
	j.seq++
	j.active++
	r.Seq = j.seq
	if len(j.ring) < j.limit {
		j.ring = append(j.ring, r)
	} else {
		j.ring[int((r.Seq-1)%int64(j.limit))] = r
	}
	j.changed()
}

// changed wakes the waiting goroutines. j.mu must be held.
func (j *journal) changed() {
	if j.wake != nil {
		close(j.wake)
		j.wake = nil
	}
}

// end records the outcome; further calls for a request have no effect.
func (j *journal) end(r *Request, status int, code string, in, out int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if r.End.IsZero() {
		r.End, r.Status, r.Code, r.In, r.Out = time.Now(), status, code, in, out
		j.active--
		j.changed()
	}
}

// Counts returns the counts of all requests that have come so far.
func (s *Server) Counts() Counts {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return s.journal.counts
}

// Requests returns the remembered requests, oldest first, that came after the
// one with the given Seq; 0 asks for all.
func (s *Server) Requests(after int64) []Request {
	j := &s.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	first := max(after+1, j.seq-int64(len(j.ring))+1)
	out := make([]Request, 0, max(j.seq-first+1, 0))
	for seq := first; seq <= j.seq; seq++ {
		out = append(out, *j.ring[int((seq-1)%int64(j.limit))])
	}
	return out
}

// Seq returns the number of the last request, to be given to Requests later.
func (s *Server) Seq() int64 {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return s.journal.seq
}

// Wait returns when the counts satisfy enough. Requests count as they come, so
// that a held request can be waited for.
func (s *Server) Wait(ctx context.Context, enough func(Counts) bool) error {
	return s.journal.wait(ctx, func(j *journal) bool { return enough(j.counts) })
}

// Idle returns when no request is being processed, including those whose client has
// disconnected.
func (s *Server) Idle(ctx context.Context) error {
	return s.journal.wait(ctx, func(j *journal) bool { return j.active == 0 })
}

func (j *journal) wait(ctx context.Context, enough func(*journal) bool) error {
	for {
		j.mu.Lock()
		if enough(j) {
			j.mu.Unlock()
			return nil
		}
		if j.wake == nil {
			j.wake = make(chan struct{})
		}
		wake := j.wake
		j.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
