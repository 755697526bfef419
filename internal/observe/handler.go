package observe

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"unicode"
)

// NewHandler returns a handler that adds the attribute event in front of the other
// attributes and passes each line to next. Messages are constants, so the event is stable,
// and it can be searched for as one word.
func NewHandler(next slog.Handler) slog.Handler { return handler{next, &sync.Map{}} }

type handler struct {
	slog.Handler
	// events caches the event of each message.
	events *sync.Map
}

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	event, ok := h.events.Load(r.Message)
	if !ok {
		event, _ = h.events.LoadOrStore(r.Message, EventOf(r.Message))
	}
	attrs := make([]slog.Attr, 1, 1+r.NumAttrs())
	attrs[0] = slog.String("event", event.(string))
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	named := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	named.AddAttrs(attrs...)
	return h.Handler.Handle(ctx, named)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.events}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.events}
}

// EventOf returns the event of a message: its words in lower case, joined by "_". "upload
// aborted" becomes upload_aborted.
func EventOf(message string) string {
	words := strings.FieldsFunc(strings.ToLower(message), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "_")
}
