package status

import (
	"io"
	"net/http"
	"strings"
)

// healthz answers that the process is alive. The body is what Azure's Application Health
// extension reads as a rich health state.
func (*Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"ApplicationHealthState":"Healthy"}`+"\n") // the client may be gone
}

// readyz answers whether the node should get new connections. Stores do not count: one that
// is slow is so for every node, and no node would be left.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	state := s.env.Process.State()
	body := "ready\n"
	if len(state.NotReady) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		body = "not ready\n" + strings.Join(state.NotReady, "\n") + "\n"
	}
	if state.Reloaded.Err != "" {
		body += "the last reload was refused, and the configuration before it is served: see the log\n"
	}
	_, _ = io.WriteString(w, body) // the client may be gone
}
