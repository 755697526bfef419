package azurelive

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// differences are the differences between the accounts and the stub.
var differences report

type report struct {
	mu    sync.Mutex
	lines []string
}

// add records a difference. What is taken for an account is expected to have none.
func (r *report) add(t *testing.T, a *account, what, want, got string) {
	t.Helper()
	if !a.real() {
		t.Errorf("%s: %s, want %s", what, got, want)
		return
	}
	t.Logf("%s: %s, the stub: %s", what, got, want)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf("%s: %s\n\tAzure: %s\n\tstub:  %s", a, what, got, want))
}

func (r *report) any() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.lines) > 0
}

// print writes all differences, in the order of their texts.
func (r *report) print(w io.Writer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) == 0 {
		fmt.Fprintln(w, "The accounts answer as the stub does.")
		return
	}
	fmt.Fprintf(w, "%d answers differ from those of the stub:\n", len(r.lines))
	for _, line := range slices.Sorted(slices.Values(r.lines)) {
		fmt.Fprintln(w, line)
	}
}

// measured is what the answers of an account show of its clocks and of throttling.
type measured struct {
	mu        sync.Mutex
	answers   int
	least     time.Duration // of the Date of answers, less this machine's time
	most      time.Duration
	throttled int
	after     []string // the Retry-After of those
}

// observe looks at one answer.
func (m *measured) observe(resp *http.Response) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if resp.StatusCode == http.StatusServiceUnavailable {
		m.throttled++
		m.after = append(m.after, resp.Header.Get("Retry-After"))
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	ahead := time.Until(date)
	if m.answers++; m.answers == 1 {
		m.least, m.most = ahead, ahead
	}
	m.least, m.most = min(m.least, ahead), max(m.most, ahead)
}

func (m *measured) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	// A Date has whole seconds: half of what it varies by is that.
	return fmt.Sprintf("the Dates of %d answers were between %v and %v ahead of this machine's clock, a whole second included; %d answers were 503, with Retry-After %q",
		m.answers, m.least.Round(time.Millisecond), m.most.Round(time.Millisecond), m.throttled, m.after)
}
