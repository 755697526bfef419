package observe

import (
	"context"
	"slices"
	"sync"
)

// Recent is a Sink that keeps the last events about something that was refused or aborted. It
// replaces the oldest one when it is full.
type Recent struct {
	mu     sync.Mutex
	events []Event
	next   int
}

// NewRecent returns a Recent that keeps length events.
func NewRecent(length int) *Recent { return &Recent{events: make([]Event, 0, length)} }

// Record implements Sink.
func (r *Recent) Record(_ context.Context, e Event) {
	switch e.Name {
	case LoginRefused, LoginNotDecided, UploadAborted, LimitReached, CommandRefused, SessionRefused:
	case SessionStarted, LoginSucceeded, OperationFinished, SessionEnded, ProcessStarted, ProcessStopping, ProcessStopped,
		DrainRequested, SessionKicked, ConfigurationChanged, ConfigurationUnchanged, CommandAnswered, DataChannelOpened, DataChannelClosed:
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.events) < cap(r.events) {
		r.events = append(r.events, e)
		return
	}
	r.events[r.next] = e
	r.next = (r.next + 1) % len(r.events)
}

// Events returns the events, the newest first.
func (r *Recent) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Concat(r.events[r.next:], r.events[:r.next])
	slices.Reverse(all)
	return all
}
