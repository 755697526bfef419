package notify

import "github.com/tidegate/tidegate/internal/observe/metrics"

// endpointLabels are the labels of the metrics of an endpoint.
var endpointLabels = []string{"endpoint"}

// The metrics of each endpoint.
var (
	queueLength = metrics.Desc{
		Name: "tidegate_event_queue_length", Labels: endpointLabels,
		Help: "Events that wait for their delivery, or are being sent.",
	}
	deliveredTotal = metrics.Desc{
		Name: "tidegate_event_delivered_total", Labels: endpointLabels,
		Help: "Events that the receiver has accepted.",
	}
	failedTotal = metrics.Desc{
		Name: "tidegate_event_attempts_failed_total", Labels: endpointLabels,
		Help: "Requests to deliver events that have failed.",
	}
	requestDuration = metrics.Desc{
		Name: "tidegate_event_request_duration_seconds", Unit: "seconds", Labels: endpointLabels,
		Help:    "Time of a request to deliver an event, or a batch of them, whether the receiver accepts it or not.",
		Buckets: []float64{0.005, 0.02, 0.1, 0.5, 2, 10, 30},
	}
	lateTotal = metrics.Desc{
		Name: "tidegate_event_late_total", Labels: endpointLabels,
		Help: "Replies to clients that did not wait long enough for the delivery of their event.",
	}
	lostTotal = metrics.Desc{
		Name: "tidegate_event_lost_total", Labels: []string{"endpoint", "reason"},
		Help: "Events that the receiver will never get, by the reason: buffer_full, expired, gone or stopped.",
	}
	deliveryDuration = metrics.Desc{
		Name: "tidegate_event_delivery_duration_seconds", Unit: "seconds", Labels: endpointLabels,
		Help:    "Time from a change until the receiver has accepted its event.",
		Buckets: []float64{0.01, 0.05, 0.2, 1, 5, 30, 300, 3600},
	}
)

// endpointMetrics are the metrics of one endpoint.
type endpointMetrics struct {
	queue                   *metrics.Gauge
	delivered, failed, late *metrics.Counter
	// lost has a counter for each reason.
	lost     map[string]*metrics.Counter
	duration *metrics.Histogram
	// requests is the time of each request.
	requests *metrics.Histogram
}

func newEndpointMetrics(r *metrics.Registry, name string) endpointMetrics {
	m := endpointMetrics{
		queue: r.Gauge(queueLength, name), delivered: r.Counter(deliveredTotal, name), failed: r.Counter(failedTotal, name),
		late: r.Counter(lateTotal, name), lost: map[string]*metrics.Counter{}, duration: r.Histogram(deliveryDuration, name),
		requests: r.Histogram(requestDuration, name),
	}
	for _, reason := range []string{bufferFull, expired, isGone, atStop} {
		m.lost[reason] = r.Counter(lostTotal, name, reason)
	}
	return m
}
