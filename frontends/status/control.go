package status

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/observe"
)

// statusJSON answers with the Report.
func (s *Server) statusJSON(w http.ResponseWriter, r *http.Request) {
	s.json(w, http.StatusOK, s.report(r.Context()))
}

// listSessions answers with all sessions.
func (s *Server) listSessions(w http.ResponseWriter, _ *http.Request) {
	s.json(w, http.StatusOK, map[string]any{"sessions": s.sessions()})
}

// kickTime is how long an answer waits for the end of a session.
const kickTime = 5 * time.Second

// kick ends one session with its transfers. An upload that is being committed may still
// succeed, so the answer says what has happened and not what was asked for.
func (s *Server) kick(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	one := s.env.Observe.Sessions.Find(id)
	if one == nil {
		s.json(w, http.StatusNotFound, map[string]any{"error": "there is no such session any more"})
		return
	}
	user := one.User()
	s.log.Info("session kicked", "by", asker(r), "session", one.ID, "remote_ip", one.Remote.Addr().String(), "tenant", user.Tenant, "user", user.Name)
	s.env.Observe.Report(r.Context(), observe.Event{Name: observe.SessionKicked, Reason: asker(r), Session: one})
	before := one.Activity().In.Files
	one.Kick()
	waited := time.NewTimer(kickTime)
	defer waited.Stop()
	ended := false
	select {
	case <-one.Ended():
		ended = true
	case <-waited.C:
	case <-r.Context().Done():
	}
	s.json(w, http.StatusOK, Kicked{ID: one.ID, User: user.String(), Ended: ended, Committed: one.Activity().In.Files - before})
}

// reload reads the configuration again.
func (s *Server) reload(w http.ResponseWriter, r *http.Request) {
	s.log.Info("reload requested", "by", asker(r))
	changed, err := s.env.Process.Reload(r.Context())
	if invalid, ok := errors.AsType[*config.Invalid](err); ok {
		s.json(w, http.StatusConflict, map[string]any{"error": invalid.Count(), "problems": invalid.Problems})
		return
	}
	if err != nil {
		s.json(w, http.StatusConflict, map[string]any{"error": err.Error()})
		return
	}
	s.json(w, http.StatusOK, map[string]any{"changed": changed})
}

// drain stops the process.
func (s *Server) drain(w http.ResponseWriter, r *http.Request) {
	s.log.Info("drain requested", "by", asker(r))
	s.env.Process.Drain(asker(r))
	s.json(w, http.StatusAccepted, map[string]any{"draining": true, "sessions": s.env.Observe.Sessions.Len()})
}

// asker returns who has sent a request.
func asker(r *http.Request) string {
	if _, _, err := net.SplitHostPort(r.RemoteAddr); err != nil {
		return "socket"
	}
	return r.RemoteAddr
}

// json answers with a value.
func (s *Server) json(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		s.log.Debug("status not sent", "err", err)
	}
}
