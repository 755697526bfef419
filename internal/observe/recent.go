package observe

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
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
	case OperationFinished:
		if !refusedOperation(e) {
			return
		}
	case SessionEnded:
		// The client could not log in, for example because of its TLS.
		if e.Cause == "" || e.User != (session.User{}) || r.has(e) {
			return
		}
	case SessionStarted, LoginSucceeded, ProcessStarted, ProcessStopping, ProcessStopped,
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

// has reports whether an event about the same session has the same cause already.
func (r *Recent) has(e Event) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.events, func(other Event) bool { return other.Session == e.Session && other.Cause == e.Cause })
}

// refusedOperation reports whether a failed operation is kept for operators: a setting or the
// state of the store has caused the failure. Missing and existing names are not kept, because they
// are part of the normal work of many clients. Limits and uploads that had begun have events of
// their own.
func refusedOperation(e Event) bool {
	if e.Err == nil || e.Op == "stat" || strings.HasPrefix(e.Setting, limitSetting) {
		return false
	}
	switch vfs.KindOf(e.Err) {
	case vfs.KindPermission, vfs.KindUnavailable, vfs.KindInternal:
		return e.Setting != "" || e.Op != "write" || e.Bytes == 0
	case vfs.KindCanceled:
		return e.Setting != "" && e.Op != "write"
	default:
		return e.Setting != ""
	}
}

// Events returns the events, the newest first.
func (r *Recent) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Concat(r.events[r.next:], r.events[:r.next])
	slices.Reverse(all)
	return all
}
