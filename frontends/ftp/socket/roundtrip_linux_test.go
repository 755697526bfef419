package socket

import (
	"net"
	"testing"
	"time"
)

// The kernel knows the round trip of a connection from its handshake on.
func TestRoundTripOf(t *testing.T) {
	_, server := sockets(t)
	trip, known := RoundTripOf(server)
	if !known || trip.Least <= 0 || trip.Usual < trip.Least || trip.Usual > time.Second {
		t.Errorf("trip is %+v, known %v", trip, known)
	}
	memory, _ := net.Pipe()
	if _, known := RoundTripOf(memory); known {
		t.Error("a round trip without a socket is known")
	}
}
