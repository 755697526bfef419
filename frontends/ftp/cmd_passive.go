package ftp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/tidegate/tidegate/frontends/ftp/passive"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

func passiveCommands() []command {
	return []command{
		{
			verb: "PASV", does: answered, rfc: "959 4.1.2", between: true, run: answerBy(cmdPASV),
			library: "a listener for each command; 421 when the one port is taken",
		},
		{
			verb: "EPSV", does: answered, rfc: "2428 3", between: true, args: "[1 | 2 | ALL]", run: answerBy(cmdEPSV),
			library: "ignores its argument",
		},
	}
}

// cmdPASV reserves a port and announces it with an IPv4 address.
func cmdPASV(s *session, _ control.Line) {
	if s.par.epsvAll {
		s.control.Reply(503, "EPSV ALL was sent, use EPSV")
		return
	}
	host, err := s.srv.advertiser.Host(s.ctx, s.control.Peer(), s.control.Reached())
	if err != nil {
		s.log.Warn("PASV refused", "err", err)
		s.control.Reply(425, "PASV has no IPv4 address to announce, use EPSV")
		return
	}
	if port, ok := reservePort(s, host); ok {
		s.control.Reply(227, fmt.Sprintf("Entering Passive Mode (%s,%d,%d)",
			strings.ReplaceAll(host.String(), ".", ","), port>>8, port&0xff))
	}
}

// cmdEPSV reserves a port; the client uses the address that it has.
func cmdEPSV(s *session, l control.Line) {
	switch arg := control.Upper(strings.TrimSpace(l.Arg)); {
	case arg == "ALL":
		s.par.epsvAll = true
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
	if port, ok := reservePort(s, s.control.Reached()); ok {
		s.control.Reply(229, fmt.Sprintf("Entering Extended Passive Mode (|||%d|)", port))
	}
}

// reservePort reserves a port and returns the one to announce with host. It waits for the
// session's turn, until the client is gone or the server goes down.
func reservePort(s *session, host netip.Addr) (int, bool) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	defer context.AfterFunc(s.control.Gone(), cancel)()
	defer context.AfterFunc(s.srv.draining, cancel)()
	local, err := s.data.Reserve(ctx, s.client.Holder())
	if err != nil {
		if !errors.Is(err, passive.ErrBusy) {
			s.log.Debug("no passive port", "err", err)
		}
		s.control.Reply(425, "No passive port is free for your address, try again later")
		return 0, false
	}
	port, ok := s.srv.advertiser.Port(local)
	if !ok {
		s.control.Reply(425, "The passive port's public number is not known yet, try again later")
	}
	s.data.Advertised(host, port)
	return port, ok
}
