package cluster

import (
	"slices"
	"sync"
)

// disturbances are what the test does to nodes, one after the other. Errors of sessions
// on a disturbed node are excused; all other errors fail the test.
type disturbances struct {
	mu   sync.Mutex
	list []disturbance
}

type disturbance struct {
	node int
	// hard is a kill; otherwise the node drains, and finishes what has begun.
	hard bool
	over bool
}

// begin notes a disturbance; the function that it returns ends it.
func (d *disturbances) begin(node int, hard bool) (over func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := len(d.list)
	d.list = append(d.list, disturbance{node: node, hard: hard})
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.list[i].over = true
	}
}

// mark is to be taken before a session begins, for excuse.
func (d *disturbances) mark() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, e := range d.list {
		if !e.over {
			return i
		}
	}
	return len(d.list)
}

// excuse says whether a session on node that began at mark, or one that never
// learned its node, may have been disturbed, and whether by a kill.
func (d *disturbances) excuse(node, mark int) (any, hard bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	since := slices.DeleteFunc(slices.Clone(d.list[mark:]), func(e disturbance) bool {
		return node != unknown && e.node != node
	})
	return len(since) > 0, slices.ContainsFunc(since, func(e disturbance) bool { return e.hard })
}
