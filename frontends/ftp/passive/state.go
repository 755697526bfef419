package passive

// state is where a reservation is in its life; the diagram is in doc.go.
type state uint8

const (
	// open: the client knows the port. Neither its connection nor the command that
	// the reservation is for has come.
	open state = iota
	// paused is open while the client waits for our answer to another command, as
	// PHP's clients do. Patience may end twice as late.
	paused
	// stale is open or paused for longer than Patience, while no session waits for the
	// port.
	stale
	// claimed: the command has come, the connection has not.
	claimed
	// overdue is claimed for longer than Patience, while no session waits for the port.
	overdue
	// connected: a connection has come, the command has not.
	connected
	// kept: both have come, and the session has not found out yet which connection is
	// its own.
	kept
	// lingering: nothing is missing any more, but after trouble with the address the
	// port stays for a moment, so that a further connection shows itself.
	lingering
	// handedOn: the port has gone to the next session. It is an end.
	handedOn
	// revoked: the port rests, since a connection for the reservation may still come.
	// It is an end.
	revoked
	// closed: the Plane is closed. It is an end.
	closed
)

// holdsPort reports whether connections to the port belong to the reservation.
func (s state) holdsPort() bool { return s < handedOn }

// awaitsConnection reports whether no connection has come yet.
func (s state) awaitsConnection() bool { return s < connected }

// event is what changes a state.
type event uint8

const (
	pause   event = iota // the client waits for our answer
	resume               // it has the answer
	renew                // the client asked for a port again
	claim                // the command came
	connect              // a connection came
	expire               // the time of the state is over
	want                 // another session begins to wait for the port
	found                // the session knows its connection
	release              // the session needs the reservation no more
	shut                 // the Plane is closed
)

// Keep says what becomes of the port when the command and a connection are both there.
type Keep uint8

// The ways to keep a port: until MoveOn is called, for at most Patience. All
// connections that come meanwhile are the reservation's.
const (
	// KeepNot lets the port go at once.
	KeepNot Keep = iota
	// KeepQuiet keeps it, but lets it go when others of the address wait for it
	// and no connection without a reservation has come lately.
	KeepQuiet
	// KeepAlways keeps it.
	KeepAlways
)

// facts are what a transition depends on beside the state and the event.
type facts struct {
	// keep is what the session asked for with its command.
	keep Keep
	// wanted is true while other sessions of the address wait for a port.
	wanted bool
	// troubled is true when more connections than were reserved for may come from
	// the address.
	troubled bool
	// pausable is true while Patience may still be extended for a paused client, and
	// alive until the end of Lifetime.
	pausable, alive bool
}

// next is the transition function. It returns s itself where the event changes
// nothing.
func (s state) next(e event, f facts) state {
	switch e {
	case pause:
		return s.when(open, paused)
	case resume:
		return s.when(paused, open)
	case renew:
		return s.when(stale, open).when(overdue, claimed)
	case claim:
		return s.claimed(f)
	case connect:
		return s.connected(f)
	case expire:
		return s.expired(f)
	case want:
		return s.given(f)
	case found:
		if s == connected || s == kept {
			return f.leave()
		}
	case release:
		return s.released(f)
	case shut:
		return closed
	}
	return s
}

// when returns to for the state from, and every other state as it is.
func (s state) when(from, to state) state {
	if s == from {
		return to
	}
	return s
}

func (s state) claimed(f facts) state {
	switch s {
	case open, paused:
		return claimed
	case stale:
		return overdue
	case connected:
		return f.complete()
	default:
		return s
	}
}

func (s state) connected(f facts) state {
	switch s {
	case open, paused, stale:
		return connected
	case claimed, overdue:
		return f.complete()
	default:
		return s
	}
}

func (s state) expired(f facts) state {
	switch {
	case s == paused && f.pausable:
		return paused
	case s == kept:
		return f.leave()
	case s == lingering:
		return handedOn
	case f.alive && !f.wanted && (s == open || s == paused):
		return stale
	case f.alive && !f.wanted && s == claimed:
		return overdue
	}
	return revoked
}

// given is what becomes of a state when another session wants the port.
func (s state) given(f facts) state {
	switch s {
	case stale, overdue:
		return revoked
	case kept:
		return f.complete()
	default:
		return s
	}
}

func (s state) released(f facts) state {
	switch {
	case s.awaitsConnection():
		return revoked
	case s == lingering:
		return lingering
	default:
		return f.leave()
	}
}

// complete is the state when the command and a connection are both there.
func (f facts) complete() state {
	if f.keep == KeepAlways || f.keep == KeepQuiet && (!f.wanted || f.troubled) {
		return kept
	}
	return f.leave()
}

// leave is the state when nothing is missing any more.
func (f facts) leave() state {
	if f.troubled {
		return lingering
	}
	return handedOn
}
