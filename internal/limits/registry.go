package limits

import "sync"

// Registry has the limits and counters of all owners. Its methods may be called
// concurrently. Lock order: mu is taken before holder.mu.
type Registry struct {
	mu      sync.Mutex
	holders map[Owner]*holder
}

// NewRegistry returns a Registry without limits.
func NewRegistry() *Registry { return &Registry{holders: map[Owner]*holder{}} }

// Set makes all the limits of all owners. It changes those of running sessions and
// transfers too, except those of owners that are missing in all: their sessions keep the
// limits that they have, and their counters are forgotten when no session is left.
func (r *Registry) Set(all map[Owner]Limits) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for owner, h := range r.holders {
		if _, ok := all[owner]; !ok && h.idle() {
			delete(r.holders, owner)
		}
	}
	for owner, l := range all {
		r.holder(owner).set(l)
	}
}

// Account returns the account of a user. It has no limits before Set.
func (r *Registry) Account(tenant, user string) *Account {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &Account{[]*holder{r.holder(Owner{tenant, user}), r.holder(Owner{Tenant: tenant})}}
}

// Limited returns the account of a user that is not among those of Set, and makes l its
// limits.
func (r *Registry) Limited(tenant, user string, l Limits) *Account {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := r.holder(Owner{tenant, user})
	own.set(l)
	return &Account{[]*holder{own, r.holder(Owner{Tenant: tenant})}}
}

// holder returns the holder of an owner, and makes it when there is none. mu is held.
func (r *Registry) holder(o Owner) *holder {
	h := r.holders[o]
	if h == nil {
		h = newHolder(o)
		r.holders[o] = h
	}
	return h
}
