package passive

import "time"

// fire changes the state by an event, and does what the new state demands. Plane.mu is
// held.
func (r *Reservation) fire(e event) {
	old, now := r.state, time.Now()
	r.state = old.next(e, facts{
		keep: r.keep, wanted: r.peer.wanted() || r.p.handing, troubled: r.p.troubled(r.peer),
		pausable: now.Sub(r.begun) < 2*r.p.o.Patience, alive: now.Sub(r.begun) < r.p.o.Lifetime,
	})
	switch {
	case r.state == old && e == expire: // paused
		r.wait(2*r.p.o.Patience - now.Sub(r.begun))
	case r.state == old:
	case e == resume && now.Sub(r.begun) > r.p.o.Patience:
		r.wait(resumeTime)
	case r.state == stale || r.state == overdue:
		r.wait(r.p.o.Lifetime - now.Sub(r.begun))
	case r.state == lingering:
		r.wait(linger)
	case r.state == handedOn:
		r.end(ErrMovedOn)
		r.lease.Release() // the next session gets it
		r.p.forget(r.peer)
	case r.state == revoked:
		r.end(reason(old, e))
		r.p.revoked(r, old)
	case r.state == closed:
		r.end(ErrClosed)
		r.lease.Release()
	}
}

// reason is why a reservation is revoked, by what happened in which state.
func reason(s state, e event) error {
	switch {
	case e == release:
		return ErrClosed
	case s == connected:
		return ErrMovedOn
	default:
		return ErrNotTaken
	}
}

// wait lets the time of the state end after d.
func (r *Reservation) wait(d time.Duration) {
	r.due = time.Now().Add(d)
	r.timer.Reset(d)
}

// expired is called by the timer. One that was reset meanwhile calls again.
func (r *Reservation) expired() {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if r.state.holdsPort() && !time.Now().Before(r.due) {
		r.fire(expire)
	}
}

// end takes the port away, and says that no further connection comes.
func (r *Reservation) end(err error) {
	r.timer.Stop()
	delete(r.peer.holder, r.port)
	if r.err == nil {
		r.err = err
	}
	r.notify()
	r.p.leave()
}

func (r *Reservation) notify() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// revoked lets the port of a reservation rest, since a connection for it may still be
// under way. The owner has the port for so long. Plane.mu is held.
func (p *Plane) revoked(r *Reservation, was state) {
	pe, port := r.peer, r.port
	if was.awaitsConnection() {
		p.metrics.Revoked.Add(1)
	}
	pe.trouble = time.Now()
	p.breaches.note(pe.addr, r.owner, p.o.Quarantine)
	if t := pe.wary[port]; t != nil {
		t.Stop()
		delete(pe.wary, port)
	}
	pe.resting[port] = time.AfterFunc(p.o.Quarantine, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(pe.resting, port)
		pe.wary[port] = time.AfterFunc(p.o.Quarantine, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			delete(pe.wary, port)
			p.forget(pe)
		})
		r.lease.Release()
	})
}

// doubt makes the connection of the reservation suspect.
func (r *Reservation) doubt() {
	r.suspectOnce.Do(func() {
		r.p.metrics.Suspects.Add(1)
		close(r.suspect)
	})
}

// close ends everything of the peer.
func (pe *peer) close() {
	for _, r := range pe.holder {
		r.fire(shut)
	}
	for _, timers := range []map[*port]*time.Timer{pe.resting, pe.wary} {
		for _, t := range timers {
			t.Stop()
		}
	}
}
