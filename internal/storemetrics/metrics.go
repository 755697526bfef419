package storemetrics

import (
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/observe/metrics"
)

var (
	requestsTotal = metrics.Desc{
		Name: "tidegate_store_requests_total", Labels: []string{"backend", "request", "result"},
		Help: "Requests to a store, each attempt of its own; result is the status of HTTP, or none when there was no answer, and for rclone ok or the kind of the error.",
	}
	requestDuration = metrics.Desc{
		Name: "tidegate_store_request_duration_seconds", Unit: "seconds", Labels: []string{"backend", "request"},
		Help:    "Time from the beginning of each attempt of a request to a store, with what it sends, until the answer begins.",
		Buckets: []float64{0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60},
	}
	retriesTotal = metrics.Desc{
		Name: "tidegate_store_retries_total", Labels: []string{"backend", "request"},
		Help: "Attempts of requests to an Azure store after the first one.",
	}
	throttledTotal = metrics.Desc{
		Name: "tidegate_store_throttled_total", Labels: []string{"backend"},
		Help: "Answers with which an Azure store asks for fewer requests.",
	}
)

// Metrics has the metrics of one store. Its methods may be called concurrently.
type Metrics struct {
	registry *metrics.Registry
	backend  string
	// known has the metrics of what has happened, by the values of their labels.
	known sync.Map
}

// New returns the Metrics of a backend with this type and name: "azblob.ingest". A nil
// Registry gets values that nobody reads.
func New(r *metrics.Registry, backend string) *Metrics {
	if r == nil {
		r = metrics.New()
	}
	return &Metrics{registry: r, backend: backend}
}

// Backend returns the value of the label backend.
func (m *Metrics) Backend() string { return m.backend }

// Ended counts one attempt of a request that took the given time.
func (m *Metrics) Ended(request, result string, took time.Duration) {
	known(m, key{requestsTotal.Name, request, result}, func() *metrics.Counter {
		return m.registry.Counter(requestsTotal, m.backend, request, result)
	}).Add(1)
	known(m, key{requestDuration.Name, request, ""}, func() *metrics.Histogram {
		return m.registry.Histogram(requestDuration, m.backend, request)
	}).Observe(took.Seconds())
}

// Retried counts an attempt after the first one.
func (m *Metrics) Retried(request string) {
	m.registry.Counter(retriesTotal, m.backend, request).Add(1)
}

// Throttled counts an answer that asks for fewer requests.
func (m *Metrics) Throttled() { m.registry.Counter(throttledTotal, m.backend).Add(1) }

// key has the values of the labels of a metric; result is "" for one without.
type key struct{ metric, request, result string }

// known returns the metric of a key. of gets it when it is used for the first time: the
// registry takes a lock.
func known[M any](m *Metrics, k key, of func() *M) *M {
	if one, ok := m.known.Load(k); ok {
		return one.(*M)
	}
	one, _ := m.known.LoadOrStore(k, of())
	return one.(*M)
}
