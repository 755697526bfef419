package ftp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/frontends/ftp/passive"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

func passiveCommands() []command {
	return []command{
		{
			verb: "PASV", does: answered, rfc: "959 4.1.2", between: true, run: answerBy((*session).cmdPASV),
			library: "a listener for each command; 421 when the one port is taken",
		},
		{
			verb: "EPSV", does: answered, rfc: "2428 3", between: true, args: "[1 | 2 | ALL]", run: answerBy((*session).cmdEPSV),
			library: "ignores its argument",
		},
	}
}

// cmdPASV promises a port and tells it with an IPv4 address.
func (s *session) cmdPASV(control.Line) {
	if s.epsvAll {
		s.control.Reply(503, "EPSV ALL was sent, use EPSV")
		return
	}
	host, err := s.advertisedHost()
	if err != nil {
		s.log.Warn("PASV refused", "err", err)
		s.control.Reply(425, "PASV has no IPv4 address to tell, use EPSV")
		return
	}
	s.active = nil
	if port, ok := s.promise(host); ok {
		s.control.Reply(227, fmt.Sprintf("Entering Passive Mode (%s,%d,%d)",
			strings.ReplaceAll(host.String(), ".", ","), port>>8, port&0xff))
	}
}

// cmdEPSV promises a port; the client uses the address that it has.
func (s *session) cmdEPSV(l control.Line) {
	switch arg := control.Upper(strings.TrimSpace(l.Arg)); {
	case arg == "ALL":
		s.epsvAll = true
		s.control.Reply(200, "EPSV only from now on")
		return
	case arg != "" && arg != "1" && arg != "2":
		s.control.Reply(522, "Network protocol not supported, use (1,2)")
		return
	case arg == "1" && !s.control.Peer().Is4():
		s.control.Reply(522, "Network protocol not supported, use (2)")
		return
	case arg == "2" && s.control.Peer().Is4():
		s.control.Reply(522, "Network protocol not supported, use (1)")
		return
	}
	s.active = nil
	if port, ok := s.promise(s.reachedAt()); ok {
		s.control.Reply(229, fmt.Sprintf("Entering Extended Passive Mode (|||%d|)", port))
	}
}

// promise gets the session an offer and returns the port to tell with host. A client
// that asks again keeps the offer that it has.
func (s *session) promise(host netip.Addr) (int, bool) {
	if s.offer == nil || !s.offer.Renew() {
		if s.offer != nil {
			// A connection that came for it is closed.
			s.resumption.forgotten()
			s.offer.Release()
			s.offer = nil
		}
		offer, err := s.waitForOffer()
		if err != nil {
			if !errors.Is(err, passive.ErrBusy) {
				s.log.Debug("no passive port", "err", err)
			}
			s.control.Reply(425, "No passive port is free for your address, try again later")
			return 0, false
		}
		s.offer = offer
	}
	port, ok := s.srv.advertisedPort(s.offer.Port())
	if !ok {
		s.control.Reply(425, "The passive port's public number is not known yet, try again later")
	}
	s.told = net.JoinHostPort(host.String(), strconv.Itoa(port))
	return port, ok
}

// waitForOffer waits for the session's turn, until the client is gone or the
// server goes down.
func (s *session) waitForOffer() (*passive.Reservation, error) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	defer context.AfterFunc(s.control.Gone(), cancel)()
	defer context.AfterFunc(s.srv.draining, cancel)()
	own, _ := s.srv.directory.lookUp(s.tag)
	return s.srv.plane.Reserve(ctx, s.control.Peer(), s.holder(), own.tardy)
}
