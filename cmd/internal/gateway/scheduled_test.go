package gateway

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/scheduledevents"
)

// azure is a metadata service with one event for a machine. The event is over when it was
// acknowledged.
type azure struct {
	mu           sync.Mutex
	acknowledged []State // of the gateway, at each acknowledgement
}

func (a *azure) serve(g *Gateway) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metadata/instance/compute", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"name": "node_0"})
	})
	mux.HandleFunc("GET /metadata/scheduledevents", func(w http.ResponseWriter, _ *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		events := []any{map[string]any{
			"EventId": "E1", "EventType": "Terminate", "EventStatus": "Scheduled", "Resources": []string{"node_0"},
			"NotBefore": time.Now().Add(time.Hour).UTC().Format(http.TimeFormat),
		}}
		if len(a.acknowledged) > 0 {
			events = nil
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"DocumentIncarnation": 1, "Events": events})
	})
	mux.HandleFunc("POST /metadata/scheduledevents", func(_ http.ResponseWriter, _ *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.acknowledged = append(a.acknowledged, g.Health().State)
	})
	return mux
}

// An event of the machine stops the gateway, which acknowledges it after everything has
// ended. As the machine runs on, the process fails, so that it is started again.
func TestScheduledEvent(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	c := &config.Config{Transfers: config.Transfers{Memory: 16 << 20, Grace: time.Minute, AzureScheduledEvents: true}}
	g := newGateway(newProcess(c.Transfers, log), c, generationOf(nil))
	server := &stubborn{newPipeListener(), time.Minute, make(chan struct{}), make(chan struct{})}
	g.servers.list = []*Server{{Server: server, Name: "ftp.a"}}
	service := &azure{}
	metadata := httptest.NewServer(service.serve(g))
	defer metadata.Close()
	g.watchScheduledEvents(c, metadata.URL)
	if err := g.Serve(t.Context()); !errors.Is(err, scheduledevents.ErrOver) {
		t.Errorf("the end: %v", err)
	}
	service.mu.Lock()
	defer service.mu.Unlock()
	if len(service.acknowledged) != 1 || service.acknowledged[0] != Stopped {
		t.Errorf("the event was acknowledged by a gateway that is %v, want once, when it is stopped", service.acknowledged)
	}
}
