package ledger

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

// observer reads the gateway's log: it knows which sessions are over, and which
// uploads were abandoned. It forwards lines that report a fault.
type observer struct {
	t     *testing.T
	attrs []slog.Attr
	*events
}

type events struct {
	mu        sync.Mutex
	sessions  map[string]chan struct{} // by the client's address, closed at the end
	abandoned map[string][]string      // by path, the reasons
}

func newObserver(t *testing.T) *observer {
	return &observer{t: t, events: &events{sessions: map[string]chan struct{}{}, abandoned: map[string][]string{}}}
}

// ended returns a channel that is closed when the session of the client that
// comes from addr is over, with everything that it had to do.
func (e *events) ended(addr string) <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.session(addr)
}

func (e *events) session(addr string) chan struct{} {
	if e.sessions[addr] == nil {
		e.sessions[addr] = make(chan struct{})
	}
	return e.sessions[addr]
}

// warnings returns why uploads of a name were abandoned, once.
func (e *events) warnings(name string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	reasons := e.abandoned[name]
	delete(e.abandoned, name)
	return reasons
}

// Enabled is slog.Handler's.
func (w *observer) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs is slog.Handler's.
func (w *observer) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &observer{t: w.t, attrs: append(slices.Clip(w.attrs), attrs...), events: w.events}
}

// WithGroup is slog.Handler's.
func (w *observer) WithGroup(string) slog.Handler { return w }

// Handle is slog.Handler's.
func (w *observer) Handle(_ context.Context, r slog.Record) error {
	values := map[string]string{}
	note := func(a slog.Attr) bool {
		values[a.Key] = a.Value.String()
		return true
	}
	for _, a := range w.attrs {
		note(a)
	}
	r.Attrs(note)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case r.Level >= slog.LevelError:
		w.t.Errorf("the gateway logs an error: %s %v", r.Message, values)
	case r.Message == "session started":
		// Ports come again.
		if c := w.events.session(net.JoinHostPort(values["remote_ip"], values["remote_port"])); isClosed(c) {
			delete(w.sessions, net.JoinHostPort(values["remote_ip"], values["remote_port"]))
		}
	case r.Message == "session ended":
		c := w.events.session(net.JoinHostPort(values["remote_ip"], values["remote_port"]))
		if !isClosed(c) {
			close(c)
		}
	case r.Message == "upload aborted":
		name := strings.TrimPrefix(values["path"], "/")
		w.abandoned[name] = append(w.abandoned[name], values["reason"])
	}
	return nil
}
