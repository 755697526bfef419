package data

import "sync"

// maxEnded bounds the sessions that are remembered after their end: their clients
// may still show their tickets.
const maxEnded = 1024

// directory knows which user each session of this node belongs to, by its tag.
type directory struct {
	mu       sync.Mutex
	sessions map[tag]*entry
	// left are those that have ended, the oldest first.
	left []tag
}

type entry struct {
	user  string
	ended bool
	// sharing is true when another session of the user was open at the same time.
	sharing bool
	// late is true when the client did not connect for the session's last port reservation:
	// the connection may still come, and could be taken for that of another session of the
	// user.
	late bool
}

func newDirectory() *directory { return &directory{sessions: map[tag]*entry{}} }

func (d *directory) login(t tag, user string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := &entry{user: user}
	for _, other := range d.sessions {
		if other.user == user && !other.ended {
			other.sharing, e.sharing = true, true
		}
	}
	d.sessions[t] = e
}

// sharing reports whether another session of the same user has gone on beside this one.
func (d *directory) sharing(t tag) bool {
	e, _ := d.lookUp(t)
	return e.sharing
}

func (d *directory) leave(t tag) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.sessions[t]
	if e == nil || e.ended {
		return
	}
	e.ended, e.late = true, false
	if d.left = append(d.left, t); len(d.left) > maxEnded {
		// It may have logged in again.
		if oldest := d.sessions[d.left[0]]; oldest != nil && oldest.ended {
			delete(d.sessions, d.left[0])
		}
		d.left = d.left[1:]
	}
}

// late notes whether a session took its last port reservation.
func (d *directory) late(t tag, is bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e := d.sessions[t]; e != nil {
		e.late = is
	}
}

// lookUp returns what is known of a session; ok is false when nothing is.
func (d *directory) lookUp(t tag) (e entry, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.sessions[t]; known != nil {
		return *known, true
	}
	return entry{}, false
}
