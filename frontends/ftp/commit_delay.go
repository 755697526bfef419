package ftp

import (
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/socket"
)

const (
	// leastDelay is how long the control connection is watched in any case. The system of
	// a client that is killed closes its connections one after the other, the newest
	// first: on an idle machine within a tenth of this, on a busy one whenever the
	// client would have run again.
	leastDelay = time.Millisecond
	// usualDelay is how long it is watched where nothing is known of the network, and the
	// most on a near one, which is one with round trips of less than nearTrip.
	usualDelay = 5 * time.Millisecond
	nearTrip   = time.Millisecond
	// mostDelay bounds what the network can ask for, and is the least for a control
	// connection whose end has to pass a proxy.
	mostDelay = 50 * time.Millisecond
)

// commitDelay is how long the control connection is watched after the end of the data.
// The two ends of a client that died are sent one behind the other, and come apart by
// what its system needs to close a connection and by what the round trips on that way
// differ.
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
	// The control connection's usual round trip counts the time that its client takes
	// for an answer, since an acknowledgement may wait for one. The data connection is
	// new: it knows nothing but its handshakes.
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

// measuredDelay is the delay for a way whose shortest round trip and whose latest are
// known, and for a client that took so long for the slowest of its last answers.
func measuredDelay(shortest, latest, answer time.Duration) time.Duration {
	shortest = min(shortest, latest)
	if shortest < nearTrip {
		return min(max(leastDelay, 4*latest, 4*answer), usualDelay)
	}
	return min(usualDelay+latest-shortest, mostDelay)
}
