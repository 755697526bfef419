package azblob

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// The metrics of a store. A request is one attempt.
var (
	requestsTotal = metrics.Desc{
		Name: "tidegate_store_requests_total", Labels: []string{"backend", "request", "result"},
		Help: "Requests to an Azure store, each attempt of its own; result is the status of HTTP, or none when there was no answer.",
	}
	requestDuration = metrics.Desc{
		Name: "tidegate_store_request_duration_seconds", Unit: "seconds", Labels: []string{"backend", "request"},
		Help:    "Time from the beginning of a request to an Azure store until the header of the answer, with what it sends, of each attempt.",
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

// requestMetrics has the metrics of one store. Its methods may be called concurrently.
type requestMetrics struct {
	registry *metrics.Registry
	backend  string
	// known has the metrics of what has happened, by the values of their labels.
	known sync.Map
}

func newRequestMetrics(o Options) *requestMetrics {
	if o.Metrics == nil {
		o.Metrics = metrics.New()
	}
	return &requestMetrics{registry: o.Metrics, backend: "azblob." + o.Name}
}

// requestKey has the values of the labels of a metric; result is "" for one without.
type requestKey struct{ metric, request, result string }

// attempt counts one attempt that took the given time.
func (m *requestMetrics) attempt(req *http.Request, resp *http.Response, took time.Duration) {
	request, result := requestName(req), "none"
	if resp != nil {
		result = strconv.Itoa(resp.StatusCode)
	}
	knownMetric(m, requestKey{requestsTotal.Name, request, result}, func() *metrics.Counter {
		return m.registry.Counter(requestsTotal, m.backend, request, result)
	}).Add(1)
	knownMetric(m, requestKey{requestDuration.Name, request, ""}, func() *metrics.Histogram {
		return m.registry.Histogram(requestDuration, m.backend, request)
	}).Observe(took.Seconds())
	if asksForLess(resp) {
		m.registry.Counter(throttledTotal, m.backend).Add(1)
	}
}

// retry counts an attempt after the first one.
func (m *requestMetrics) retry(req *http.Request) {
	m.registry.Counter(retriesTotal, m.backend, requestName(req)).Add(1)
}

// knownMetric returns the metric of a key. of gets it when it is used for the first time: the
// registry takes a lock.
func knownMetric[M any](m *requestMetrics, k requestKey, of func() *M) *M {
	if one, ok := m.known.Load(k); ok {
		return one.(*M)
	}
	one, _ := m.known.LoadOrStore(k, of())
	return one.(*M)
}

// requestName returns the operation of the Blob service, or of Data Lake Storage, in its words.
func requestName(req *http.Request) string {
	query := req.URL.Query()
	comp := query.Get("comp")
	switch {
	case req.Header.Get("x-ms-rename-source") != "":
		return "rename_path"
	case query.Get("resource") == "directory":
		return "create_directory"
	case query.Get("resource") == "filesystem":
		return "get_filesystem"
	case query.Get("recursive") != "":
		return "delete_directory"
	case query.Get("action") == "setAccessControl":
		return "set_access_control"
	case req.Method == http.MethodPut && comp == "" && req.Header.Get("x-ms-copy-source") != "":
		return "copy_blob"
	case comp == "list":
		return "list_blobs"
	case comp == "block", comp == "blocklist":
		verb := map[string]string{http.MethodPut: "put", http.MethodGet: "get"}[req.Method]
		return verb + map[string]string{"block": "_block", "blocklist": "_block_list"}[comp]
	case comp == "metadata", comp == "properties", comp == "tags", comp == "tier", comp == "lease", comp == "snapshot", comp == "batch":
		verb := "set"
		if req.Method == http.MethodGet || req.Method == http.MethodHead {
			verb = "get"
		}
		return verb + "_" + comp
	case comp != "" || query.Get("restype") != "":
		return "other"
	}
	switch req.Method {
	case http.MethodGet:
		return "get_blob"
	case http.MethodHead:
		return "get_blob_properties"
	case http.MethodPut:
		return "put_blob"
	case http.MethodDelete:
		return "delete_blob"
	}
	return "other"
}
