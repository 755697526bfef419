package observe

import (
	"errors"
	"sync"

	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/vfs"
)

// frontendLabels are the labels of the metrics of every frontend.
var frontendLabels = []string{"frontend", "protocol"}

// The metrics of every frontend.
var (
	sessionsTotal = metrics.Desc{
		Name: "tidegate_sessions_total", Labels: frontendLabels,
		Help: "Connections that were served.",
	}
	activeSessions = metrics.Desc{
		Name: "tidegate_active_sessions", Labels: frontendLabels,
		Help: "Connections that are served now.",
	}
	loginsTotal = metrics.Desc{
		Name: "tidegate_logins_total", Labels: []string{"frontend", "protocol", "result"},
		Help: "Attempts to log in; result is ok, undecided when an external authority gave no answer or a wrong one, or the cause of the refusal in the log.",
	}
	sessionsRefusedTotal = metrics.Desc{
		Name: "tidegate_sessions_refused_total", Labels: frontendLabels,
		Help: "Connections that were not served, or that made room for others before their login.",
	}
	uploadsCommittedTotal = metrics.Desc{
		Name: "tidegate_uploads_committed_total", Labels: frontendLabels,
		Help: "Uploads that were committed.",
	}
	uploadsAbortedTotal = metrics.Desc{
		Name: "tidegate_uploads_aborted_total", Labels: []string{"frontend", "protocol", "reason"},
		Help: "Uploads that were not committed, by what was wrong with the connection, or by the kind of the error.",
	}
	operationsTotal = metrics.Desc{
		Name: "tidegate_operations_total", Labels: []string{"frontend", "protocol", "tenant", "operation", "result"},
		Help: "Finished operations on users' trees; result is ok or the kind of the error.",
	}
	fileSize = metrics.Desc{
		Name: "tidegate_file_size_bytes", Unit: "bytes", Labels: []string{"frontend", "protocol", "direction"},
		Help:    "Bytes that were moved of each file that was read (out) or written (in) without an error.",
		Buckets: []float64{1 << 10, 1 << 14, 1 << 18, 1 << 22, 1 << 26, 1 << 30, 1 << 34, 1 << 38},
	}
	bandwidthWait = metrics.Desc{
		Name: "tidegate_bandwidth_wait_seconds", Unit: "seconds", Labels: []string{"frontend", "protocol", "tenant"},
		Help:    "How long the bytes of a file have waited for the bandwidth of the user or the tenant. Files that did not wait are not counted.",
		Buckets: []float64{0.1, 1, 10, 60, 600, 3600},
	}
	limitsReachedTotal = metrics.Desc{
		Name: "tidegate_limits_reached_total", Labels: []string{"frontend", "protocol", "tenant", "limit"},
		Help: "Logins, transfers and uploads that a limit of a tenant or of its users has refused.",
	}
	operationDuration = metrics.Desc{
		Name: "tidegate_operation_duration_seconds", Unit: "seconds", Labels: []string{"frontend", "protocol", "operation"},
		Help:    "Time from the beginning of an operation on a user's tree until its end; of a file, until it is closed.",
		Buckets: []float64{0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 60, 600, 3600},
	}
	transferredBytes = metrics.Desc{
		Name: "tidegate_transferred_bytes_total", Unit: "bytes", Labels: []string{"frontend", "protocol", "tenant", "direction"},
		Help: "Bytes of files that were read for clients (out) and written for them (in), counted as they move.",
	}
)

// frontendMetrics has the metrics of one frontend.
type frontendMetrics struct {
	registry           *metrics.Registry
	frontend, protocol string

	live *metrics.Gauge

	sessions, logins, refused, committed *metrics.Counter
	// aborted counts for the line at the end of the frontend; the metric has reasons.
	aborted metrics.Counter

	// known has the metrics of what has happened, by the values of their labels. The
	// registry would take a lock for each.
	known sync.Map
}

func newFrontendMetrics(r *metrics.Registry, frontend, protocol string) *frontendMetrics {
	return &frontendMetrics{
		registry: r, frontend: frontend, protocol: protocol,
		live:      r.Gauge(activeSessions, frontend, protocol),
		sessions:  r.Counter(sessionsTotal, frontend, protocol),
		logins:    r.Counter(loginsTotal, frontend, protocol, loginOK),
		refused:   r.Counter(sessionsRefusedTotal, frontend, protocol),
		committed: r.Counter(uploadsCommittedTotal, frontend, protocol),
	}
}

// The results of logins that are no causes of a refusal. A refusal without a cause is
// loginRefused.
const loginOK, loginRefused, loginUndecided = "ok", "refused", "undecided"

// login counts a login that did not succeed.
func (m *frontendMetrics) login(result string) {
	known(m, key{"logins", "", "", result}, func() *metrics.Counter {
		return m.registry.Counter(loginsTotal, m.frontend, m.protocol, result)
	}).Add(1)
}

// operation counts a finished operation.
func (m *frontendMetrics) operation(e vfs.Event, tenant string) {
	result := "ok"
	if e.Err != nil {
		result = vfs.KindOf(e.Err).String()
	}
	known(m, key{"operations", tenant, e.Op, result}, func() *metrics.Counter {
		return m.registry.Counter(operationsTotal, m.frontend, m.protocol, tenant, e.Op, result)
	}).Add(1)
	known(m, key{"durations", "", e.Op, ""}, func() *metrics.Histogram {
		return m.registry.Histogram(operationDuration, m.frontend, m.protocol, e.Op)
	}).Observe(e.Duration.Seconds())
	if e.Throttled > 0 {
		m.registry.Histogram(bandwidthWait, m.frontend, m.protocol, tenant).Observe(e.Throttled.Seconds())
	}
	if e.Err != nil || e.Op != "read" && e.Op != "write" {
		return
	}
	if e.Op == "write" {
		m.committed.Add(1)
	}
	known(m, key{"sizes", "", e.Op, ""}, func() *metrics.Histogram {
		return m.registry.Histogram(fileSize, m.frontend, m.protocol, direction(e.Op))
	}).Observe(float64(e.Bytes))
}

// uploadAborted counts an upload that was not committed.
func (m *frontendMetrics) uploadAborted(err error) {
	reason := vfs.KindOf(err).String()
	if c, ok := errors.AsType[Condition](err); ok {
		reason = c.Condition()
	}
	m.aborted.Add(1)
	m.registry.Counter(uploadsAbortedTotal, m.frontend, m.protocol, reason).Add(1)
}

// Condition is an error that says in a fixed text why an upload is aborted.
type Condition interface {
	error
	Condition() string
}

// transferred returns the counter of the bytes that the operation op moves for a tenant.
func (m *frontendMetrics) transferred(op, tenant string) *metrics.Counter {
	if op != "read" && op != "write" {
		return new(metrics.Counter) // it moves none
	}
	return known(m, key{"bytes", tenant, op, ""}, func() *metrics.Counter {
		return m.registry.Counter(transferredBytes, m.frontend, m.protocol, tenant, direction(op))
	})
}

// direction returns where the bytes of an operation go.
func direction(op string) string {
	if op == "write" {
		return "in"
	}
	return "out"
}

// key has the values of the labels of a metric.
type key struct{ metric, tenant, op, result string }

// known returns the metric of a key. of gets it when it is used for the first time.
func known[M any](m *frontendMetrics, k key, of func() *M) *M {
	if one, ok := m.known.Load(k); ok {
		return one.(*M)
	}
	one, _ := m.known.LoadOrStore(k, of())
	return one.(*M)
}
