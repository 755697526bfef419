package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/config"
)

// writes keeps what each call of Write got.
type writes struct {
	mu    sync.Mutex
	texts []string
}

func (w *writes) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, string(p))
	return len(p), nil
}

// take returns what was written since the last call.
func (w *writes) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	texts := w.texts
	w.texts = nil
	return texts
}

// A line after a pause is written at once, those of a busy time together, and none waits
// longer than gatherTime.
func TestGatherer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w writes
		g := newGatherer(&w, nil)
		line := func(text string) {
			t.Helper()
			if n, err := g.Write([]byte(text)); n != len(text) || err != nil {
				t.Errorf("%d of %d bytes: %v", n, len(text), err)
			}
		}
		want := func(when string, want ...string) {
			t.Helper()
			synctest.Wait()
			if got := w.take(); !slices.Equal(got, want) {
				t.Fatalf("%s: %q is written, want %q", when, got, want)
			}
		}
		line("1\n")
		want("the first", "1\n")
		line("2\n")
		time.Sleep(gatherTime / 2)
		line("3\n")
		want("within the time")
		time.Sleep(gatherTime / 2)
		want("after the time", "2\n3\n")
		line("4\n")
		g.flush(forever)
		want("flushed", "4\n")
		time.Sleep(gatherTime)
		want("nothing waits")
		line("5\n")
		want("after a pause", "5\n")
		long := strings.Repeat("x", gatherSize/2) + "\n"
		line(long)
		want("half of what may wait")
		line(long)
		want("as much as may wait", long+long)
	})
}

// stuck is a writer that takes nothing until it is released.
type stuck struct {
	writes
	released chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.released
	return s.writes.Write(p)
}

// Nobody waits for a log that is blocked. What it cannot keep is counted, and the rest is written
// when it is read again.
func TestBlockedGatherer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stuck{released: make(chan struct{})}
		lost := 0
		g := newGatherer(&w, func(lines int) { lost += lines })
		took := func(what string, want time.Duration, do func()) {
			t.Helper()
			began := time.Now()
			do()
			if d := time.Since(began); d != want {
				t.Errorf("%s takes %v, want %v", what, d, want)
			}
		}
		line := []byte(strings.Repeat("x", 1023) + "\n")
		write := func() { _, _ = g.Write(line) }
		flush := func() { g.flush(forever) }
		took("the first line", 0, write)
		synctest.Wait()
		took("a line behind it", 0, write)
		took("the first flush", blockedTime, flush)
		took("a further flush", 0, flush)
		took("many lines", 0, func() {
			for range 3 * mostUnwritten / len(line) {
				write()
			}
		})
		took("a flush of them", 0, flush)
		close(w.released)
		time.Sleep(time.Second)
		synctest.Wait()
		lines := strings.Count(strings.Join(w.take(), ""), "\n")
		if want := 3*mostUnwritten/len(line) + 2; lines != mostUnwritten/len(line)+1 || lines+lost != want {
			t.Errorf("%d lines are written and %d lost of %d", lines, lost, want)
		}
		took("a flush afterwards", 0, func() { write(); flush() })
		if got := w.take(); len(got) != 1 || got[0] != string(line) {
			t.Errorf("afterwards %d writes", len(got))
		}
	})
}

// A reader that is slow, and not away, is waited for: no line is lost.
func TestSlowGatherer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w writes
		g := newGatherer(writerFunc(func(p []byte) (int, error) {
			time.Sleep(blockedTime / 2)
			return w.Write(p)
		}), func(lines int) { t.Errorf("%d lines are lost", lines) })
		line := []byte(strings.Repeat("x", 999) + "\n")
		const lines = 4 * mostUnwritten / 1000
		for range lines {
			_, _ = g.Write(line)
		}
		// But the end of the process waits for it no longer than it may take.
		begun := time.Now()
		g.flush(lastFlush)
		if d := time.Since(begun); d != lastFlush {
			t.Errorf("the last flush takes %v, want %v", d, lastFlush)
		}
		time.Sleep(time.Minute)
		got := 0
		for _, piece := range w.take() {
			if !strings.HasSuffix(piece, "\n") || len(piece) > pieceSize {
				t.Errorf("%d bytes are written at once, up to %q", len(piece), piece[len(piece)-1:])
			}
			got += strings.Count(piece, "\n")
		}
		if got != lines {
			t.Errorf("%d lines are written, want %d", got, lines)
		}
	})
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }

// A warning is not kept back, nor what was logged before it; and the order stays.
func TestGatheredLogIsUrgent(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, flush := newGatheredLog(f, config.Log{}, slog.LevelInfo, "n")
	log = log.With("a", 1)
	messages := func() string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for line := range strings.Lines(string(text)) {
			found = append(found, strings.TrimPrefix(strings.Fields(line[strings.Index(line, `"msg":`):])[0], `"msg":`)[1:4])
		}
		return strings.Join(found, " ")
	}
	log.Info("one")
	log.Info("two")
	log.Info("thr")
	log.Warn("war")
	if got := messages(); got != "one two thr war" {
		t.Errorf("after a warning the file has %q", got)
	}
	log.Info("fou")
	flush()
	if got := messages(); got != "one two thr war fou" {
		t.Errorf("after the flush the file has %q", got)
	}
}
