package azblob

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// virtualStore serves ranges of one blob of any content without a network, for tests in
// virtual time: each answer begins after a latency and comes at a rate, and bytes that
// nobody reads wait in a window.
type virtualStore struct {
	size    int64
	latency time.Duration
	rate    float64 // bytes per second
	window  float64 // bytes

	mu         sync.Mutex
	requests   int
	open, most int // answers at once
}

// RoundTrip answers a GET of a range.
func (s *virtualStore) RoundTrip(req *http.Request) (*http.Response, error) {
	var first, last int64
	asked := req.Header["x-ms-range"] //nolint:staticcheck // the SDK writes it in lower case
	if _, err := fmt.Sscanf(strings.Join(asked, ""), "bytes=%d-%d", &first, &last); err != nil {
		return nil, fmt.Errorf("%s without a range: %w", req.Method, err)
	}
	last = min(last, s.size-1)
	if err := sleep(req.Context(), s.latency); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	s.open++
	s.most = max(s.most, s.open)
	body := &virtualBody{store: s, ctx: req.Context(), left: last + 1 - first, since: time.Now()}
	header := http.Header{
		"Etag":          {`"1"`},
		"Last-Modified": {time.Now().UTC().Format(http.TimeFormat)},
		"Content-Range": {fmt.Sprintf("bytes %d-%d/%d", first, last, s.size)},
		// The SDK takes the length from here.
		"Content-Length": {strconv.FormatInt(body.left, 10)},
	}
	return &http.Response{StatusCode: http.StatusPartialContent, Header: header, Body: body, ContentLength: body.left, Request: req}, nil
}

// virtualBody is one answer.
type virtualBody struct {
	store *virtualStore
	ctx   context.Context
	left  int64     // not read yet
	came  float64   // of these, in the window at the time since
	since time.Time // the last look
	once  sync.Once
}

func (b *virtualBody) look() float64 {
	now := time.Now()
	b.came = min(b.came+b.store.rate*now.Sub(b.since).Seconds(), b.store.window, float64(b.left))
	b.since = now
	return b.came
}

// Read waits for a record of TLS.
func (b *virtualBody) Read(p []byte) (int, error) {
	const record = 16 << 10
	if b.left == 0 {
		return 0, io.EOF
	}
	want := float64(min(int64(len(p)), b.left, record))
	for b.look() < want {
		missing := time.Duration((want - b.came) / b.store.rate * float64(time.Second))
		if err := sleep(b.ctx, missing+time.Nanosecond); err != nil {
			return 0, err
		}
	}
	n := min(len(p), int(b.came))
	b.came -= float64(n)
	b.left -= int64(n)
	return n, nil
}

func (b *virtualBody) Close() error {
	b.once.Do(func() {
		b.store.mu.Lock()
		defer b.store.mu.Unlock()
		b.store.open--
	})
	return nil
}
