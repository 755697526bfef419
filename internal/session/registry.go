package session

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
)

// Registry holds the sessions that have not ended, of all frontends. Its methods may
// be called concurrently; they take one lock, under which nothing is called.
type Registry struct {
	mu sync.Mutex
	// live has every session of the registry, and each count is that of the
	// sessions in live.
	live      map[*Session]struct{}
	byTenant  map[string]int
	byUser    map[User]int
	byNetwork map[netip.Prefix]int
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry {
	return &Registry{
		live: map[*Session]struct{}{}, byTenant: map[string]int{}, byUser: map[User]int{}, byNetwork: map[netip.Prefix]int{},
	}
}

// Add adds a session that was just made, once. Session.End follows.
func (r *Registry) Add(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.registry = r
	r.live[s] = struct{}{}
	r.byNetwork[s.Network()]++
}

// setUser makes u the user of s; nil is no user. A session that has ended keeps its
// user without being counted.
func (r *Registry) setUser(s *Session, u *User) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, live := r.live[s]
	if live {
		r.countUser(s, -1)
	}
	s.user.Store(u)
	if live {
		r.countUser(s, 1)
	}
}

// remove takes s out.
func (r *Registry) remove(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, live := r.live[s]; !live {
		return
	}
	delete(r.live, s)
	r.countUser(s, -1)
	count(r.byNetwork, s.Network(), -1)
}

// countUser changes the counts of the user of s. mu is held.
func (r *Registry) countUser(s *Session, by int) {
	if u := s.user.Load(); u != nil {
		count(r.byUser, *u, by)
		count(r.byTenant, u.Tenant, by)
	}
}

// count changes one count and forgets it at zero.
func count[K comparable](counts map[K]int, key K, by int) {
	if counts[key] += by; counts[key] == 0 {
		delete(counts, key)
	}
}

// All returns the live sessions, the oldest first. Sessions may end while the
// caller goes through them.
func (r *Registry) All() []*Session {
	r.mu.Lock()
	all := make([]*Session, 0, len(r.live))
	for s := range r.live {
		all = append(all, s)
	}
	r.mu.Unlock()
	slices.SortFunc(all, func(a, b *Session) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// Find returns the live session with this ID, nil for none.
func (r *Registry) Find(id string) *Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.live {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// Len returns how many sessions are live.
func (r *Registry) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.live)
}

// OfTenant returns how many live sessions the users of a tenant have.
func (r *Registry) OfTenant(tenant string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byTenant[tenant]
}

// OfUser returns how many live sessions a user has.
func (r *Registry) OfUser(u User) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byUser[u]
}

// OfNetwork returns how many live sessions come from a client address, logged in or
// not: see Session.Network.
func (r *Registry) OfNetwork(network netip.Prefix) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byNetwork[network]
}
