package status

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/session"
)

const (
	// samplePeriod is the time between two samples, and samples how many are kept: those of
	// 15 minutes.
	samplePeriod = 5 * time.Second
	samples      = 180
	// window is how many samples the values of stores are about: those of 5 minutes.
	window = 60
)

// sample has what was counted until a moment.
type sample struct {
	at time.Time
	// in and out are bytes of files, of all tenants.
	in, out float64
	tenants map[string]moved
	stores  map[string]requests
}

// moved are bytes of files.
type moved struct{ in, out float64 }

// requests are those to a store, and how long they took together.
type requests struct{ count, failed, throttled, seconds float64 }

// history has the samples of the last 15 minutes, and how many bytes each session had moved
// at the last of them. Its methods may be called concurrently.
type history struct {
	metrics *metrics.Registry
	live    *session.Registry

	mu sync.Mutex
	// all has the samples, the oldest first.
	all      []sample
	sessions map[*session.Session]progress
}

// progress is how many bytes a session had moved at a sample, and how fast before.
type progress struct {
	at    time.Time
	bytes int64
	rate  float64
}

func newHistory(m *metrics.Registry, live *session.Registry) *history {
	h := &history{metrics: m, live: live, sessions: map[*session.Session]progress{}}
	h.take(time.Now())
	return h
}

// run takes samples until ctx ends.
func (h *history) run(ctx context.Context) {
	ticker := time.NewTicker(samplePeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			h.take(now)
		}
	}
}

// take takes one sample.
func (h *history) take(now time.Time) {
	s := h.measure(now)
	live := h.live.All()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.all) == samples {
		h.all = append(h.all[:0], h.all[1:]...)
	}
	h.all = append(h.all, s)
	next := make(map[*session.Session]progress, len(live))
	for _, one := range live {
		bytes := total(one)
		next[one] = progress{now, bytes, h.rate(one, bytes, now)}
	}
	h.sessions = next
}

func total(s *session.Session) int64 {
	in, out := s.Bytes()
	return in + out
}

// rateOf returns the bytes per second that a session moves.
func (h *history) rateOf(s *session.Session, now time.Time) float64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rate(s, total(s), now)
}

// rate returns the rate since the last sample, or until it when that was a moment ago. mu is
// held.
func (h *history) rate(s *session.Session, bytes int64, now time.Time) float64 {
	last, ok := h.sessions[s]
	if !ok {
		last = progress{at: s.Started}
	}
	past := now.Sub(last.at)
	if past < time.Second {
		if ok {
			return last.rate
		}
		past = time.Second
	}
	return float64(bytes-last.bytes) / past.Seconds()
}

// measure reads what was counted.
func (h *history) measure(now time.Time) sample {
	s := sample{at: now, tenants: map[string]moved{}, stores: map[string]requests{}}
	h.each("tidegate_transferred_bytes_total", func(v metrics.Sample, label func(string) string) {
		t := s.tenants[label("tenant")]
		if label("direction") == "in" {
			t.in += v.Value
			s.in += v.Value
		} else {
			t.out += v.Value
			s.out += v.Value
		}
		s.tenants[label("tenant")] = t
	})
	h.each("tidegate_store_requests_total", func(v metrics.Sample, label func(string) string) {
		r := s.stores[label("backend")]
		r.count += v.Value
		if failed(label("result")) {
			r.failed += v.Value
		}
		s.stores[label("backend")] = r
	})
	h.each("tidegate_store_throttled_total", func(v metrics.Sample, label func(string) string) {
		r := s.stores[label("backend")]
		r.throttled += v.Value
		s.stores[label("backend")] = r
	})
	h.each("tidegate_store_request_duration_seconds", func(v metrics.Sample, label func(string) string) {
		r := s.stores[label("backend")]
		r.seconds += v.Value
		s.stores[label("backend")] = r
	})
	return s
}

// failed reports whether the result of a request to a store is a failure of the store, or a
// refusal of the gateway: a status of HTTP, or a kind of error.
func failed(result string) bool {
	switch result {
	case "none", "401", "403", "internal", "permission", "unavailable":
		return true
	}
	return strings.HasPrefix(result, "5")
}

// each calls do with every series of a metric.
func (h *history) each(name string, do func(v metrics.Sample, label func(string) string)) {
	f, _ := h.metrics.Family(name)
	for _, v := range f.Samples {
		do(v, func(label string) string {
			for i, l := range f.Labels {
				if l == label {
					return v.Values[i]
				}
			}
			return ""
		})
	}
}

// since returns the sample of so many samples ago, or the oldest one.
func (h *history) since(ago int) sample {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all[max(len(h.all)-ago, 0)]
}

// rates returns the bytes per second between the samples, the oldest first.
func (h *history) rates() (in, out []float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := 1; i < len(h.all); i++ {
		a, b := h.all[i-1], h.all[i]
		seconds := b.at.Sub(a.at).Seconds()
		in, out = append(in, (b.in-a.in)/seconds), append(out, (b.out-a.out)/seconds)
	}
	return in, out
}
