package status

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/observe"
)

// TraceLine is a line of the dialogue with a client. `/trace` sends one on each line, as JSON.
type TraceLine struct {
	At       time.Time `json:"at"`
	Session  string    `json:"session"`
	Frontend string    `json:"frontend"`
	Remote   string    `json:"remote"`
	User     string    `json:"user,omitempty"`
	// Direction is "received" for what the client says, "sent" for the answers.
	Direction string `json:"direction"`
	Text      string `json:"text"`
	// Dropped is how many lines before this one are missing, because this client of ours did
	// not read them in time.
	Dropped int64 `json:"dropped,omitempty"`
}

// alive is the longest time without a byte: an empty line shows that the connection works.
const alive = 15 * time.Second

// trace sends the dialogue with some clients as it happens, until the operator leaves or the
// server ends.
func (s *Server) trace(w http.ResponseWriter, r *http.Request) {
	traced, ok := config.ParseTraced(r.FormValue("client"))
	if !ok {
		s.json(w, http.StatusBadRequest, map[string]any{"error": "client is an address, a network, a user or TENANT/USER"})
		return
	}
	if s.env.Observe.Trace == nil {
		s.json(w, http.StatusNotFound, map[string]any{"error": "nothing is traced here"})
		return
	}
	s.log.Info("trace requested", "by", asker(r), "client", r.FormValue("client"))
	follower, end := s.env.Observe.Trace.Follow(observe.Traced{Networks: traced.Networks, Logins: traced.Logins})
	defer end()
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("X-Accel-Buffering", "no")
	control := http.NewResponseController(w)
	ticker := time.NewTicker(alive)
	defer ticker.Stop()
	for text := []byte("\n"); ; {
		_ = control.SetWriteDeadline(time.Now().Add(writeTimeout)) // every connection has one
		if _, err := w.Write(text); err != nil || control.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			text = []byte("\n")
		case line := <-follower.Lines:
			text = textOf(line, follower.Dropped())
		}
	}
}

// textOf returns a line as JSON.
func textOf(line observe.TraceLine, dropped int64) []byte {
	text, err := json.Marshal(TraceLine{
		At: line.Time, Session: line.Session, Frontend: line.Frontend, Remote: line.Remote.String(), User: line.User.String(),
		Direction: line.Direction, Text: line.Text, Dropped: dropped,
	})
	if err != nil {
		return []byte("\n") // a struct of texts always has a form
	}
	return append(text, '\n')
}
