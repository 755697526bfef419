package main

import (
	"errors"
	"net"
	"syscall"

	"github.com/tidegate/tidegate/internal/portholder"
)

// bindHint returns the remedy for a port that cannot be listened on, "" when the error has
// another cause.
func bindHint(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		holder := "another program"
		if failed, ok := errors.AsType[*net.OpError](err); ok {
			holder = portholder.Of(failed.Addr)
		}
		return ": the port is in use by " + holder + "; stop it, or change listen (of the frontend, or of its block passive)"
	case errors.Is(err, syscall.EACCES):
		return ": ports below 1024 need the capability CAP_NET_BIND_SERVICE; run setcap cap_net_bind_service=+ep on the program, " +
			"or write AmbientCapabilities=CAP_NET_BIND_SERVICE in its systemd unit"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return ": this machine does not have the address; listen on 0.0.0.0 for all of its addresses"
	}
	return ""
}
