// Package metrics counts what the process does: one Registry of named counters,
// gauges and histograms, which whoever measures is given and whoever shows it reads.
//
// The names, units and label names follow Prometheus' conventions. The values of a
// label must be few and must not come from clients: a frontend, a backend, a tenant,
// an operation, never a user, a path or an address.
//
// A package describes its metrics once, and counts in those that the registry gives
// it. Who asks twice for the same name and the same label values gets the same
// metric, so several frontends share one description:
//
//	var logins = metrics.Desc{
//		Name: "tidegate_logins_total", Help: "Logins that succeeded.",
//		Labels: []string{"frontend", "protocol"},
//	}
//	…
//	counter := registry.Counter(logins, "ftp.public", "ftp")
//	counter.Add(1)
//
// It is no time series database and sends nothing anywhere. docs/metrics.md lists
// every metric; a test compares it with the descriptions.
package metrics
