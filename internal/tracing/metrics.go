package tracing

import "github.com/tidegate/tidegate/internal/observe/metrics"

var (
	spansSent = metrics.Desc{
		Name: "tidegate_trace_spans_sent_total",
		Help: "Spans of traces that the collector has accepted.",
	}
	spansLost = metrics.Desc{
		Name: "tidegate_trace_spans_lost_total", Labels: []string{"reason"},
		Help: "Spans of traces that the collector will never get, by the reason: queue_full or not_delivered.",
	}
)

// The reasons for which spans are lost.
const (
	queueFull    = "queue_full"
	notDelivered = "not_delivered"
)

// counts has the metrics of all providers.
type counts struct {
	sent *metrics.Counter
	lost map[string]*metrics.Counter
}

func newCounts(m *metrics.Registry) *counts {
	return &counts{sent: m.Counter(spansSent), lost: map[string]*metrics.Counter{
		queueFull: m.Counter(spansLost, queueFull), notDelivered: m.Counter(spansLost, notDelivered),
	}}
}
