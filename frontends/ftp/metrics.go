package ftp

import (
	"time"

	"github.com/tidegate/tidegate/internal/expiry"
	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// lossWindow is the time after a durable acknowledgement in which the loss of the control
// connection suggests that the client died before it had sent the whole file. Plain FTP cannot
// distinguish that from a client that has sent everything (see docs/ftp.md).
const lossWindow = time.Second

// lostAfterUploadTotal describes what noteLoss counts: some clients always end like
// that, others only when they died.
var lostAfterUploadTotal = metrics.Desc{
	Name: "tidegate_ftp_control_lost_after_upload_total", Labels: []string{"frontend"},
	Help: "Sessions whose control connection was lost, without QUIT, within a second after an upload was committed.",
}

// closeReporter ends the reports of the frontend with what only FTP counts.
func (s *Server) closeReporter() {
	m := s.plane.Metrics()
	s.observe.Close("lost_after_upload", s.lostAfterUpload.Value(),
		"reservations", m.Reservations.Value(), "waited", m.Waited.Value(), "reservations_refused", m.Refused.Value(),
		"revoked", m.Revoked.Value(), "strays", m.Strays.Value(), "suspects", m.Suspects.Value())
}

// noteLoss reports a control connection that was lost while an upload was committed or
// right after that, once for each upload.
func (s *session) noteLoss() {
	last := s.committedAt.Swap(0)
	if last == 0 || s.control.Quit() || s.ctx.Err() != nil || time.Since(time.Unix(0, last)) > lossWindow {
		return
	}
	s.srv.lostAfterUpload.Add(1)
	s.wireLog.Info("control connection was lost right after an upload, which may have been cut short")
}

// certificateEnds adds the end of each certificate.
func (s *Server) certificateEnds(add func(value float64, values ...string)) {
	now := s.current.Load().TLS
	if now == nil {
		return
	}
	for _, c := range now.Certificates {
		if c.Leaf != nil {
			add(float64(c.Leaf.NotAfter.Unix()), s.observe.Frontend(), expiry.CertificateName(c.Leaf))
		}
	}
}
