package observe

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/tidegate/tidegate/internal/session"
)

// NewHandler returns a handler that adds the attribute event in front of the other
// attributes and passes each line to next. Messages are constants, so the event is stable,
// and it can be searched for as one word. A line whose context has a session, as those of
// stores, gets its id and that of its trace, where the logger does not have them.
func NewHandler(next slog.Handler) slog.Handler { return handler{next, &sync.Map{}, false} }

type handler struct {
	slog.Handler
	// events caches the event of each message.
	events *sync.Map
	// identified is true when the logger has the attribute session.
	identified bool
}

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	event, ok := h.events.Load(r.Message)
	if !ok {
		event, _ = h.events.LoadOrStore(r.Message, EventOf(r.Message))
	}
	attrs, identified := make([]slog.Attr, 1, 3+r.NumAttrs()), h.identified
	attrs[0] = slog.String("event", event.(string))
	r.Attrs(func(a slog.Attr) bool {
		attrs, identified = append(attrs, a), identified || a.Key == sessionKey
		return true
	})
	if s := session.From(ctx); s != nil && !identified {
		attrs = append(attrs, slog.String(sessionKey, s.ID))
		if id := s.TraceID(); id != "" {
			attrs = append(attrs, slog.String("trace_id", id))
		}
	}
	named := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	named.AddAttrs(attrs...)
	return h.Handler.Handle(ctx, named)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	identified := h.identified || slices.ContainsFunc(attrs, func(a slog.Attr) bool { return a.Key == sessionKey })
	return handler{h.Handler.WithAttrs(attrs), h.events, identified}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.events, h.identified}
}

// sessionKey is the attribute with the id of a session.
const sessionKey = "session"

// EventOf returns the event of a message: its words in lower case, joined by "_". "upload
// aborted" becomes upload_aborted.
func EventOf(message string) string {
	words := strings.FieldsFunc(strings.ToLower(message), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "_")
}
