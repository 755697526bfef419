package fairshare

import (
	"slices"
	"sync"
)

// Ledger is the list of the resources of a process. Its methods may be called
// concurrently.
type Ledger struct {
	mu        sync.Mutex
	resources []*Resource
}

// New returns a Ledger without resources.
func New() *Ledger { return &Ledger{} }

// Resource returns the resource of this name, with this capacity. The first call makes
// it. A later one changes the capacity: a reload may open a frontend with other limits.
func (l *Ledger) Resource(name string, capacity int64) *Resource {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := slices.IndexFunc(l.resources, func(r *Resource) bool { return r.name == name }); at >= 0 {
		l.resources[at].Resize(capacity)
		return l.resources[at]
	}
	r := NewResource(name, capacity)
	l.resources = append(l.resources, r)
	return r
}

// Add lists a resource that its owner has made.
func (l *Ledger) Add(r *Resource) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.resources = append(l.resources, r)
}

// Resources returns all resources.
func (l *Ledger) Resources() []*Resource {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.resources)
}

// Usage is what one holder has of one resource at a moment.
type Usage struct {
	Resource string
	Holder   Holder
	// Held is in the units of the resource, Waiting counts requests.
	Held    int64
	Waiting int
}

// Usage returns what is held of all resources, in no order.
func (l *Ledger) Usage() []Usage {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []Usage
	for _, r := range l.resources {
		all = append(all, r.usage()...)
	}
	return all
}
