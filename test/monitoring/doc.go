// Package monitoring tests deploy/monitoring: a Prometheus scrapes a gateway that serves
// clients, evaluates the rules, and answers each query of the dashboard.
package monitoring
