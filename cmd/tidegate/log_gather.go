package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/tidegate/tidegate/config"
)

const (
	// gatherTime is how long a line of the log can wait for others: too short for a person
	// or a collector to notice, and long enough that a busy gateway makes one system call
	// for many lines, where each would cost more than its formatting.
	gatherTime = 50 * time.Millisecond
	// gatherSize is how many bytes wait at most.
	gatherSize = 32 << 10
)

// gatherer is a writer that writes lines together. A line is written at once when none was
// written within gatherTime, and otherwise when that time has passed, when gatherSize bytes
// wait, or with flush. Its methods may be called concurrently.
type gatherer struct {
	w io.Writer

	mu      sync.Mutex
	waiting []byte
	// written is when w was written to last.
	written time.Time
	// due flushes when the lines have waited long enough.
	due *time.Timer
}

func newGatherer(w io.Writer) *gatherer {
	g := &gatherer{w: w}
	g.due = time.AfterFunc(gatherTime, g.flush)
	g.due.Stop()
	return g
}

// Write takes whole lines. An error of the writer for lines that have waited is lost, as
// slog loses those of a handler.
func (g *gatherer) Write(lines []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		since := time.Since(g.written)
		if since >= gatherTime || len(lines) >= gatherSize {
			g.written = time.Now()
			return g.w.Write(lines)
		}
		g.due.Reset(gatherTime - since)
	}
	g.waiting = append(g.waiting, lines...)
	if len(g.waiting) >= gatherSize {
		g.write()
	}
	return len(lines), nil
}

// flush writes the lines that wait.
func (g *gatherer) flush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.write()
}

// write is flush; mu is held.
func (g *gatherer) write() {
	g.due.Stop()
	if len(g.waiting) == 0 {
		return
	}
	_, _ = g.w.Write(g.waiting)
	g.waiting, g.written = g.waiting[:0], time.Now()
}

// newGatheredLog is newLog for a process that serves. Lines below slog.LevelWarn are
// gathered, unless w is a terminal. The caller calls flush after the last line; what is logged
// afterwards may be lost.
func newGatheredLog(w io.Writer, l config.Log, level slog.Leveler, node string) (log *slog.Logger, flush func()) {
	f, isFile := w.(*os.File)
	if !isFile || isTerminal(f) {
		return newLog(w, l, level, node), func() {}
	}
	g := newGatherer(w)
	return logOf(urgent{newHandler(g, level, isText(w, l.Format), isJournal(w)), g}, node), g.flush
}

// urgent is a handler that lets no line at slog.LevelWarn or above wait: it may be the last one
// of a process that ends by a fault.
type urgent struct {
	slog.Handler
	g *gatherer
}

// Handle implements slog.Handler.
func (u urgent) Handle(ctx context.Context, r slog.Record) error {
	err := u.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		u.g.flush()
	}
	return err
}

// WithAttrs implements slog.Handler.
func (u urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return urgent{u.Handler.WithAttrs(attrs), u.g}
}

// WithGroup implements slog.Handler.
func (u urgent) WithGroup(name string) slog.Handler { return urgent{u.Handler.WithGroup(name), u.g} }
