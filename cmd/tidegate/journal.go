package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/coreos/go-systemd/v22/journal"
)

// isJournal reports whether w is the journal of systemd: it reads a priority at the start
// of each line, as "journalctl -p warning" needs it.
func isJournal(w io.Writer) bool {
	if w != io.Writer(os.Stderr) {
		return false
	}
	is, err := journal.StderrIsJournalStream()
	return err == nil && is
}

// prioritized is a handler that writes to w the priority of each line in front of it.
type prioritized struct {
	slog.Handler
	w *priorityWriter
}

// Handle implements slog.Handler.
func (p prioritized) Handle(ctx context.Context, r slog.Record) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.prefix = priorityOf(r.Level)
	return p.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (p prioritized) WithAttrs(attrs []slog.Attr) slog.Handler {
	return prioritized{p.Handler.WithAttrs(attrs), p.w}
}

// WithGroup implements slog.Handler.
func (p prioritized) WithGroup(name string) slog.Handler {
	return prioritized{p.Handler.WithGroup(name), p.w}
}

// priorityOf is the prefix for a level (sd-daemon(3)).
func priorityOf(level slog.Level) string {
	switch {
	case level >= slog.LevelError:
		return "<3>"
	case level >= slog.LevelWarn:
		return "<4>"
	case level >= slog.LevelInfo:
		return "<6>"
	}
	return "<7>"
}

// priorityWriter writes each line with prefix in front of it.
type priorityWriter struct {
	w io.Writer
	// mu is held while a handler sets prefix and writes the line. No other lock but that
	// of the handler is taken under it.
	mu     sync.Mutex
	prefix string
}

func (p *priorityWriter) Write(line []byte) (int, error) {
	if p.prefix == "" {
		return p.w.Write(line)
	}
	if _, err := p.w.Write(append([]byte(p.prefix), line...)); err != nil {
		return 0, err
	}
	return len(line), nil
}
