package notify

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// refusesAll is a receiver that is down.
func refusesAll(context.Context, string, int) error { return errDown }

// inUse returns how many bytes are in use.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// The events of a queue count in the budget for at least what they take, and not for much more;
// afterwards for nothing.
func TestMemory(t *testing.T) {
	s := settings()
	s.Buffer = 20_000
	for name, path := range map[string]func(n int) string{
		"one directory":    func(n int) string { return fmt.Sprintf("/incoming/camera-%d.jpg", n) },
		"many directories": func(n int) string { return fmt.Sprintf("/in/2026-11-29/camera-%d/hour-%d/picture.jpg", n, n) },
	} {
		t.Run(name, func(t *testing.T) {
			f := start(s, refusesAll)
			before := inUse()
			const events = 5000
			for n := range events {
				f.write(path(n))
			}
			took, counted := inUse()-before, f.Hub.memory.Budget().Held()
			t.Logf("%d bytes an event, %d counted", took/events, counted/events)
			if took > counted || counted > 3*took {
				t.Errorf("%d events take %d bytes and count for %d", events, took, counted)
			}
			f.stop(0)
			if held := f.memory.Held(); held != 0 {
				t.Errorf("%d bytes are held in the end", held)
			}
		})
	}
}

// Receivers have equal parts of the memory. One that is down uses up its own, and an event
// beyond it is lost; the other one's are not.
func TestMemoryIsShared(t *testing.T) {
	b := memory.New(64 << 20)
	m := metrics.New()
	h := New(slog.New(slog.DiscardHandler), m, b.Part("events", memory.Limits{Most: 1 << 20}))
	down, works := &receiver{answer: refusesAll}, &receiver{}
	s := settings()
	s.Buffer = 10_000
	only := s
	only.Filter.Names = []string{"*.csv"}
	h.Set("node", []Spec{{Name: "test.down", Settings: s, Sender: down}, {Name: "test.works", Settings: only, Sender: works}}, time.Minute)
	const events = 2000
	for n := range events {
		h.Changed(t.Context(), event("write", fmt.Sprintf("/in/%d.jpg", n), "", 0))
	}
	lost := m.Counter(lostTotal, "test.down", bufferFull).Value()
	if held := b.Held(); lost == 0 || held < 512<<10-8<<10 || held > 512<<10+8<<10 {
		t.Errorf("%d of %d events are lost, %d bytes are held", lost, events, held)
	}
	h.Changed(t.Context(), event("write", "/in/a.csv", "", 0))
	if lost := m.Counter(lostTotal, "test.works", bufferFull).Value(); lost != 0 {
		t.Errorf("%d events of the other receiver are lost", lost)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h.Close(ctx)
	if b.Held() != 0 {
		t.Errorf("%d bytes are held in the end", b.Held())
	}
}
