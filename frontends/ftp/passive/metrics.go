package passive

import "github.com/tidegate/tidegate/internal/observe/metrics"

// frontendLabel is the label of all metrics of a Plane.
var frontendLabel = []string{"frontend"}

var (
	reservationsTotal = metrics.Desc{
		Name: "tidegate_ftp_port_reservations_total", Labels: frontendLabel,
		Help: "Reservations of a passive port.",
	}
	reservationsWaitedTotal = metrics.Desc{
		Name: "tidegate_ftp_port_reservations_waited_total", Labels: frontendLabel,
		Help: "Reservations that had to wait for a port.",
	}
	reservationsWaiting = metrics.Desc{
		Name: "tidegate_ftp_port_reservations_waiting", Labels: frontendLabel,
		Help: "Sessions that wait for a passive port now.",
	}
	reservationsRefusedTotal = metrics.Desc{
		Name: "tidegate_ftp_port_reservations_refused_total", Labels: frontendLabel,
		Help: "Reservations that were refused because no port became free in time.",
	}
	reservationsRevokedTotal = metrics.Desc{
		Name: "tidegate_ftp_port_reservations_revoked_total", Labels: frontendLabel,
		Help: "Reservations that ended before a data connection came.",
	}
	strayConnectionsTotal = metrics.Desc{
		Name: "tidegate_ftp_data_connections_stray_total", Labels: frontendLabel,
		Help: "Data connections without a reservation.",
	}
	suspectConnectionsTotal = metrics.Desc{
		Name: "tidegate_ftp_data_connections_suspect_total", Labels: frontendLabel,
		Help: "Data connections that were in use when the gateway found that they may belong to another session.",
	}
)

// Metrics are those of a Plane.
type Metrics struct {
	// Reservations counts all reservations, Waited the reservations that had to wait, Refused the
	// reservations that were refused because no port became free, and Revoked the reservations
	// that ended before a data connection came.
	Reservations, Waited, Refused, Revoked *metrics.Counter
	// Waiting are the sessions that wait for a port now.
	Waiting *metrics.Gauge
	// Strays counts connections without a reservation, Suspects connections that may belong to
	// another session.
	Strays, Suspects *metrics.Counter
}

func newMetrics(r *metrics.Registry, frontend string) Metrics {
	return Metrics{
		Reservations: r.Counter(reservationsTotal, frontend),
		Waiting:      r.Gauge(reservationsWaiting, frontend),
		Waited:       r.Counter(reservationsWaitedTotal, frontend),
		Refused:      r.Counter(reservationsRefusedTotal, frontend),
		Revoked:      r.Counter(reservationsRevokedTotal, frontend),
		Strays:       r.Counter(strayConnectionsTotal, frontend),
		Suspects:     r.Counter(suspectConnectionsTotal, frontend),
	}
}
