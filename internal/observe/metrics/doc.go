// Package metrics counts what the process does: one Registry of named counters, gauges and
// histograms. A package that measures gets the Registry, and a page that shows the values
// reads it.
//
// The names, units and label names follow Prometheus' conventions. The values of a
// label must be few and must not come from clients: a frontend, a backend, a tenant,
// an operation, never a user, a path or an address.
//
// A package describes each of its metrics once and gets the metric from the registry. The
// same name with the same label values is always the same metric, so several frontends
// share one description:
//
//	var logins = metrics.Desc{
//		Name: "tidegate_logins_total", Help: "Attempts to log in.",
//		Labels: []string{"frontend", "protocol", "result"},
//	}
//	…
//	counter := registry.Counter(logins, "ftp.public", "ftp", "ok")
//	counter.Add(1)
//
// What counts itself, such as a pool, is a Source, which is read when the values are.
//
// It stores no history and sends nothing. Counting takes no lock. Nothing is called under
// Registry.mu.
// docs/metrics.md lists every metric; a test compares the page with the descriptions.
package metrics
