package ftp

import (
	"net"
	"testing"
	"time"
)

// The kernel knows the round trip of a connection from its handshake on.
func TestTripOf(t *testing.T) {
	_, server := sockets(t)
	trip, known := tripOf(server)
	if !known || trip.least <= 0 || trip.usual < trip.least || trip.usual > time.Second {
		t.Errorf("trip is %+v, known %v", trip, known)
	}
	memory, _ := net.Pipe()
	if _, known := tripOf(memory); known {
		t.Error("a round trip without a socket is known")
	}
}
