package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math"
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
	// gatherSize is how many bytes wait at most for others.
	gatherSize = 32 << 10
	// mostUnwritten is how many bytes wait at most for a reader of the log that is slow.
	mostUnwritten = 1 << 20
	// pieceSize is how many bytes are written at once, at most or to the end of a longer line:
	// another process may write to the same pipe.
	pieceSize = 64 << 10
	// blockedTime is how long the write of a piece may take. After that the log is blocked, and
	// no call waits for it.
	blockedTime = time.Second
	// lastFlush is how long the last lines may take, forever no bound.
	lastFlush = 3 * time.Second
	forever   = time.Duration(math.MaxInt64)
)

// gatherer is a writer that gathers lines and writes them together, not on the goroutines of its
// callers. A line is written at once when none was written within gatherTime. Otherwise it is
// written when that time has passed, when gatherSize bytes wait, or with flush. The methods of a
// gatherer may be called concurrently.
//
// When nobody reads the output, for example of a full pipe, neither the service nor its stop may
// wait. So no call waits for a write that takes blockedTime or longer, and lines beyond
// mostUnwritten are lost and counted. A slow reader slows down the callers of Write, and gets
// all lines.
//
//	idle ── a line, or due ──▶ writing ── done ──▶ idle
//	                              │ blockedTime
//	                              └──▶ blocked ── done ──▶ idle
type gatherer struct {
	w io.Writer
	// noteLost is called, when w has taken lines again, with how many were lost.
	noteLost func(lines int)

	mu             sync.Mutex
	waiting, spare []byte
	state          gathererState
	// taken and put count the bytes of lines that have come, and that have left.
	taken, put int64
	// lost counts lines that were not taken.
	lost int
	// begun is when the last write has begun, written when it has ended.
	begun, written time.Time
	// due writes when the lines have waited long enough.
	due *time.Timer
	// changed is closed when a write begins or ends, nil while nobody waits for it.
	changed chan struct{}
}

type gathererState uint8

const (
	idle gathererState = iota
	writing
	blocked
)

func newGatherer(w io.Writer, noteLost func(lines int)) *gatherer {
	g := &gatherer{w: w, noteLost: noteLost}
	g.due = time.AfterFunc(gatherTime, g.write)
	g.due.Stop()
	return g
}

// Write takes whole lines. An error of the writer is lost, as slog loses those of a handler.
func (g *gatherer) Write(lines []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.await(forever, func() bool { return g.hasRoom(len(lines)) }) {
		g.lost += bytes.Count(lines, []byte("\n"))
		return len(lines), nil
	}
	first := len(g.waiting) == 0
	g.waiting = append(g.waiting, lines...)
	g.taken += int64(len(lines))
	switch {
	case g.state != idle: // write goes on with it
	case len(g.waiting) >= gatherSize:
		g.due.Reset(0)
	case first:
		g.due.Reset(max(gatherTime-time.Since(g.written), 0))
	}
	return len(lines), nil
}

// hasRoom reports whether n more bytes may wait. When nothing else waits, lines of more than
// mostUnwritten bytes may wait too. mu must be held.
func (g *gatherer) hasRoom(n int) bool {
	return len(g.waiting) == 0 || len(g.waiting)+n <= mostUnwritten
}

// flush waits until the lines that have come are written, unless the log is blocked, and for
// atMost at most.
func (g *gatherer) flush(atMost time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	taken := g.taken
	g.await(atMost, func() bool { return g.put >= taken })
}

// await writes until a condition holds, and reports whether it does. It does not wait where the
// log is blocked, and for atMost at most. mu must be held, and is not while it waits.
func (g *gatherer) await(atMost time.Duration, holds func() bool) bool {
	begun := time.Now()
	for !holds() {
		left := atMost - time.Since(begun)
		patience := blockedTime
		if g.state == writing {
			patience -= time.Since(g.begun)
		}
		switch {
		case left <= 0 || g.state == blocked:
			return false
		case patience <= 0:
			g.state = blocked
			return false
		case g.state == idle:
			g.due.Reset(0)
		}
		if g.changed == nil {
			g.changed = make(chan struct{})
		}
		changed := g.changed
		g.mu.Unlock()
		late := time.NewTimer(min(patience, left))
		select {
		case <-changed:
		case <-late.C:
		}
		late.Stop()
		g.mu.Lock()
	}
	return true
}

// change wakes those who wait. mu must be held.
func (g *gatherer) change() {
	if g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}

// write writes the lines that wait, unless another call of write is running.
func (g *gatherer) write() {
	g.mu.Lock()
	if g.state != idle || len(g.waiting) == 0 {
		g.mu.Unlock()
		return
	}
	lines := g.waiting
	g.waiting, g.spare = g.spare[:0], nil
	g.change()
	for rest := lines; len(rest) > 0; {
		n := pieceOf(rest)
		g.state, g.begun = writing, time.Now()
		g.mu.Unlock()
		_, _ = g.w.Write(rest[:n])
		g.mu.Lock()
		rest = rest[n:]
		g.put += int64(n)
		g.change()
	}
	if cap(lines) <= pieceSize {
		g.spare = lines
	}
	lost := g.lost
	g.state, g.written, g.lost = idle, time.Now(), 0
	g.change()
	switch {
	case len(g.waiting) >= gatherSize:
		g.due.Reset(0)
	case len(g.waiting) > 0:
		g.due.Reset(gatherTime)
	}
	g.mu.Unlock()
	if lost > 0 {
		g.noteLost(lost)
	}
}

// pieceOf returns how many bytes of lines are written at once.
func pieceOf(lines []byte) int {
	if len(lines) <= pieceSize {
		return len(lines)
	}
	if end := bytes.LastIndexByte(lines[:pieceSize], '\n'); end >= 0 {
		return end + 1
	}
	return bytes.IndexByte(lines, '\n') + 1 // there are whole lines
}

// newGatheredLog is newLog for a process that serves. Lines below slog.LevelWarn are
// gathered, unless w is a terminal. The caller calls flush after the last line; what is logged
// afterwards may be lost.
func newGatheredLog(w io.Writer, l config.Log, level slog.Leveler, node string) (log *slog.Logger, flush func()) {
	f, isFile := w.(*os.File)
	if !isFile || isTerminal(f) {
		return newLog(w, l, level, node), func() {}
	}
	g := newGatherer(w, func(lines int) { log.Warn("lines of the log lost", "count", lines) })
	log = logOf(urgent{newHandler(g, level, isText(w, l.Format), isJournal(w)), g}, node)
	return log, func() { g.flush(lastFlush) }
}

// urgent is a handler that lets no line at slog.LevelWarn or above wait for others: it may be the
// last one of a process that ends by a fault.
type urgent struct {
	slog.Handler
	g *gatherer
}

// Handle implements slog.Handler.
func (u urgent) Handle(ctx context.Context, r slog.Record) error {
	err := u.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		u.g.flush(forever)
	}
	return err
}

// WithAttrs implements slog.Handler.
func (u urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return urgent{u.Handler.WithAttrs(attrs), u.g}
}

// WithGroup implements slog.Handler.
func (u urgent) WithGroup(name string) slog.Handler { return urgent{u.Handler.WithGroup(name), u.g} }
