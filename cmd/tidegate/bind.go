package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/portholder"
)

// reloadHint returns the remedy for a port of a new configuration that cannot be listened on.
func reloadHint(err error) string {
	bound, isBound := errors.AsType[*listen.BoundError](err)
	failed, isBind := errors.AsType[*net.OpError](err)
	if isBound && isBind && errors.Is(err, syscall.EADDRINUSE) && portholder.IsOwn(failed.Addr) {
		return fmt.Sprintf(": this process has %s itself; restart it to change %s, or send it SIGUSR2, which refuses no client (docs/operations.md)",
			failed.Addr, strings.Join(bound.Settings, ", "))
	}
	return bindHint(err)
}

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
