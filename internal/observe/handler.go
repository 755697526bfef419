package observe

import (
	"context"
	"log/slog"
	"strings"
	"unicode"
)

// NewHandler returns a handler that gives each line the attribute event, in front of
// its others, and hands it to next. Messages are constants, so the event is as stable
// as they are, and can be searched for where a message has spaces.
func NewHandler(next slog.Handler) slog.Handler { return handler{next} }

type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	named := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	named.AddAttrs(slog.String("event", EventOf(r.Message)))
	r.Attrs(func(a slog.Attr) bool {
		named.AddAttrs(a)
		return true
	})
	return h.Handler.Handle(ctx, named)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }

// EventOf returns the name of the event of a message: its words in lower case, joined
// by "_". "upload aborted" is upload_aborted.
func EventOf(message string) string {
	words := strings.FieldsFunc(strings.ToLower(message), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "_")
}
