// Package heap lets Go's garbage collector follow the memory budget of the process.
//
//	defer heap.Follow(budget, host.Bytes)()
//
// By default the collector lets the heap double before it collects. With few sessions that is
// too early: the heap is a few MiB, because the bytes of transfers lie outside of it
// (internal/memory/offheap). An upload over SSH makes garbage of every packet, and would run a
// collection for every few MiB. With thousands of sessions it is too late: their heap is 150
// MiB, and the process takes 150 MiB more.
//
// Follow lets garbage grow to a quarter of the sum of the live heap and a constant. The constant
// is a quarter of the budget:
//
//	garbage = (live + constant) / 4        default budget, in MiB: 18 beside 8, 56 beside 160
//
// The constant is an allocation that nobody touches, so it takes addresses and no
// memory. The collector counts it as live.
//
// On Linux, so much of the heap is backed with huge pages, as package offheap explains: an
// upload over SSH touches all of it again and again.
//
// Where the limit of the host or the cgroup is known, the heap also has a soft limit
// (GOMEMLIMIT) of what the budget leaves. GOGC and GOMEMLIMIT in the environment leave
// everything to the operator.
package heap
