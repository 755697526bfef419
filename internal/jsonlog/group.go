package jsonlog

import (
	"context"
	"log/slog"
	"slices"
)

// group is a handler that puts its attributes and those of each record into a group.
type group struct {
	slog.Handler
	name  string
	attrs []slog.Attr
}

// Handle implements slog.Handler.
func (g group) Handle(ctx context.Context, r slog.Record) error {
	attrs := slices.Clone(g.attrs)
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	grouped := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	grouped.AddAttrs(slog.Attr{Key: g.name, Value: slog.GroupValue(attrs...)})
	return g.Handler.Handle(ctx, grouped)
}

// WithAttrs implements slog.Handler.
func (g group) WithAttrs(attrs []slog.Attr) slog.Handler {
	g.attrs = append(slices.Clip(g.attrs), attrs...)
	return g
}

// WithGroup implements slog.Handler.
func (g group) WithGroup(name string) slog.Handler {
	if name == "" {
		return g
	}
	return group{Handler: g, name: name}
}
