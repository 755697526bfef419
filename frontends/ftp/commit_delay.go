package ftp

import (
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/socket"
)

const (
	// leastDelay is the shortest measured delay. The system of a client that is killed closes
	// its connections one after the other, the newest first: on an idle machine within a tenth
	// of leastDelay, on a busy one when the client would be scheduled again.
	leastDelay = time.Millisecond
	// usualDelay is the delay if nothing is known about the network, and the longest delay on a
	// near network, whose round trips take less than nearTrip.
	usualDelay = 5 * time.Millisecond
	nearTrip   = time.Millisecond
	// mostDelay bounds what the network can ask for, and is the least for a control
	// connection whose end has to pass a proxy.
	mostDelay = 50 * time.Millisecond
)

// commitDelay is how long the control connection is watched after the end of the data. When a
// client dies, its system sends the ends of its two connections one after the other. The time
// between their arrivals is the time that the system needs to close a connection, plus the
// variation of the round trips.
func (t *transfer) commitDelay() time.Duration {
	fixed := t.s.settings.CommitDelay
	switch {
	case t.s.control.Quit():
		// A QUIT waits for the upload (RFC 959, 4.1.1).
		return 0
	case fixed == 0 && t.s.closeNotify.misses(t.data.Ending()):
		return t.s.srv.o.TruncatedDelay
	case t.s.control.Proxied():
		return max(fixed, mostDelay)
	case fixed > 0:
		return fixed
	}
	ofControl, known := t.s.control.RoundTrip()
	if !known {
		return usualDelay
	}
	// The usual round trip of the control connection is not used: an acknowledgement may wait
	// until the client answers, so that it includes the time that the client needs. The data
	// connection is new: its round trips are those of its handshakes.
	ofData, known := socket.RoundTripOf(t.data.Socket())
	if !known {
		return usualDelay
	}
	answer, known := t.s.control.SlowestAnswer()
	if !known {
		return max(usualDelay, measuredDelay(ofControl.Least, ofData.Usual, usualDelay))
	}
	return measuredDelay(ofControl.Least, ofData.Usual, answer)
}

// measuredDelay returns the delay for a network with these round trips, the shortest and the
// latest, and for a client whose slowest recent answer took answer.
func measuredDelay(shortest, latest, answer time.Duration) time.Duration {
	shortest = min(shortest, latest)
	if shortest < nearTrip {
		return min(max(leastDelay, 4*latest, 4*answer), usualDelay)
	}
	return min(usualDelay+latest-shortest, mostDelay)
}
