// Package hostmemory finds how much memory the process may have: the limit of its control
// groups, or the memory of the host.
//
//	limit := hostmemory.Detect()
//	budget := min(defaultBudget, limit.Bytes/2) // when limit.Bytes > 0
//
// OfProcess is what the process takes now, on all systems.
//
// Detect supports Linux: cgroup versions 2 and 1, as containers and systemd set them, and
// /proc/meminfo. On other systems the limit is unknown. It reads the limits once and does
// not notice later changes.
package hostmemory
