package ftp

import (
	"time"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/ftp/passive"
)

// lateSign is for how long after a receipt the loss of the control connection
// says that the client may have died before it had sent everything: plain FTP
// does not tell the two apart (see docs/ftp.md).
const lateSign = time.Second

// Counters count since the start.
type Counters struct {
	// Counts are what every frontend counts; sessions are control connections.
	frontends.Counts
	// LostAfterUpload are sessions whose control connection was lost, without a
	// QUIT, within a second after an upload was committed: some clients always
	// do that, others never do unless they died.
	LostAfterUpload int64
	// Passive are those of the passive ports.
	Passive passive.Counters
}

// Counters returns the counts so far. It may be called at any time.
func (s *Server) Counters() Counters {
	return Counters{
		Counts: s.tally.Counts(s.door.TurnedAway()), LostAfterUpload: s.lostAfterUpload.Load(), Passive: s.plane.Counters(),
	}
}

// logCounters tells, at the end, what was counted.
func (s *Server) logCounters() {
	c := s.Counters()
	c.Log(s.o.Log, "lost_after_upload", c.LostAfterUpload, "offers", c.Passive.Offers, "held", c.Passive.Held, "refused", c.Passive.Refused, "revoked", c.Passive.Revoked, "strays", c.Passive.Strays, "suspects", c.Passive.Suspects)
}

// committed notes a receipt.
func (s *session) committed() { s.receipt.Store(time.Now().UnixNano()) }

// noteLoss reports a control connection that was lost right after an upload.
func (s *session) noteLoss() {
	last := s.receipt.Load()
	if last == 0 || s.control.Quit() || s.ctx.Err() != nil || time.Since(time.Unix(0, last)) > lateSign {
		return
	}
	s.srv.lostAfterUpload.Add(1)
	s.wireLog.Info("control connection was lost right after an upload, which may have been cut short")
}
