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
		g := newGatherer(&w)
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
		g.flush()
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
