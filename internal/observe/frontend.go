package observe

import (
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
	sessionsLive = metrics.Desc{
		Name: "tidegate_active_sessions", Labels: frontendLabels,
		Help: "Connections that are served now.",
	}
	loginsTotal = metrics.Desc{
		Name: "tidegate_logins_total", Labels: frontendLabels,
		Help: "Logins that succeeded.",
	}
	loginsRefusedTotal = metrics.Desc{
		Name: "tidegate_logins_refused_total", Labels: frontendLabels,
		Help: "Attempts to log in that were refused.",
	}
	loginsUndecidedTotal = metrics.Desc{
		Name: "tidegate_logins_undecided_total", Labels: frontendLabels,
		Help: "Attempts to log in that failed because an external authority gave no answer or a wrong one.",
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
		Name: "tidegate_uploads_aborted_total", Labels: frontendLabels,
		Help: "Uploads that were not committed.",
	}
	limitsReachedTotal = metrics.Desc{
		Name: "tidegate_limits_reached_total", Labels: []string{"frontend", "protocol", "tenant", "limit"},
		Help: "Logins, transfers and uploads that a limit of a tenant or of its users has refused.",
	}
	operationDuration = metrics.Desc{
		Name: "tidegate_operation_duration_seconds", Unit: "seconds", Labels: []string{"frontend", "protocol", "operation"},
		Help:    "Time from the beginning of an operation on a user's tree until its end; of a file, until it is closed.",
		Buckets: []float64{0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600, 3600},
	}
	transferredBytes = metrics.Desc{
		Name: "tidegate_transferred_bytes_total", Unit: "bytes", Labels: []string{"frontend", "protocol", "tenant", "direction"},
		Help: "Bytes of files that were read for clients (out) and written for them (in), counted when the file is closed.",
	}
)

// frontendMetrics has the metrics of one frontend.
type frontendMetrics struct {
	registry           *metrics.Registry
	frontend, protocol string

	live *metrics.Gauge

	sessions, logins, loginsRefused, loginsUndecided, refused, committed, aborted *metrics.Counter

	// durations has the histogram of each operation that has happened, by its name.
	durations sync.Map
}

func newFrontendMetrics(r *metrics.Registry, frontend, protocol string) *frontendMetrics {
	return &frontendMetrics{
		registry: r, frontend: frontend, protocol: protocol,
		live:            r.Gauge(sessionsLive, frontend, protocol),
		sessions:        r.Counter(sessionsTotal, frontend, protocol),
		logins:          r.Counter(loginsTotal, frontend, protocol),
		loginsRefused:   r.Counter(loginsRefusedTotal, frontend, protocol),
		loginsUndecided: r.Counter(loginsUndecidedTotal, frontend, protocol),
		refused:         r.Counter(sessionsRefusedTotal, frontend, protocol),
		committed:       r.Counter(uploadsCommittedTotal, frontend, protocol),
		aborted:         r.Counter(uploadsAbortedTotal, frontend, protocol),
	}
}

// operation counts a finished operation.
func (m *frontendMetrics) operation(e vfs.Event, tenant string) {
	if e.Op == "write" && e.Err == nil {
		m.committed.Add(1)
	}
	switch {
	case e.Bytes == 0:
	case e.Op == "read":
		m.registry.Counter(transferredBytes, m.frontend, m.protocol, tenant, "out").Add(e.Bytes)
	case e.Op == "write":
		m.registry.Counter(transferredBytes, m.frontend, m.protocol, tenant, "in").Add(e.Bytes)
	}
	h, ok := m.durations.Load(e.Op)
	if !ok {
		h, _ = m.durations.LoadOrStore(e.Op, m.registry.Histogram(operationDuration, m.frontend, m.protocol, e.Op))
	}
	h.(*metrics.Histogram).Observe(e.Duration.Seconds())
}
