// Package hostmemory tells how much memory the process may have: what the limits of its
// control groups allow, or all that the host has.
//
//	limit := hostmemory.Detect()
//	budget := min(defaultBudget, limit.Bytes/2) // when limit.Bytes > 0
//
// It knows Linux: cgroup version 2 and 1, as containers and systemd set them, and
// /proc/meminfo. Elsewhere it tells nothing. It looks once: limits that change while the
// process runs are not noticed.
package hostmemory
