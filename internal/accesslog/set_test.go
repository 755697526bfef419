package accesslog

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
)

// logged collects lines of the log of the process.
type logged struct {
	mu    sync.Mutex
	lines []string
	more  chan struct{} // has an element after a line
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	l.lines = append(l.lines, string(p))
	l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

// count returns how many lines have a text.
func (l *logged) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, line := range l.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// await waits until a line has a text.
func (l *logged) await(t testing.TB, text string) {
	t.Helper()
	for l.count(text) == 0 {
		select {
		case <-l.more:
		case <-t.Context().Done():
			t.Fatalf("the log has no line %q", text)
		}
	}
}

// tested is a Set with what it counts and logs.
type tested struct {
	*Set
	metrics *metrics.Registry
	log     *logged
}

// setOf returns a Set with logs, which the test closes.
func setOf(t testing.TB, all ...Options) *tested {
	t.Helper()
	leak.Check(t)
	lines := &logged{more: make(chan struct{}, 1)}
	m := metrics.New()
	s := &tested{NewSet(slog.New(slog.NewTextHandler(lines, nil)), m), m, lines}
	s.change(t, all...)
	t.Cleanup(s.Close)
	return s
}

func (s *tested) change(t testing.TB, all ...Options) {
	t.Helper()
	next, err := s.Prepare(all)
	if err != nil {
		t.Fatal(err)
	}
	next.Apply()
}

// numbered returns the event number n of a worker. Its line can be told from all others.
func numbered(worker, n int) observe.Event {
	return observe.Event{Name: observe.OperationFinished, Time: at, Op: "write", Path: fmt.Sprintf("/%d-%d", worker, n), Bytes: 1}
}

// load records events by several workers at once, and calls meanwhile after every hundredth
// of the first one.
func (s *tested) load(t testing.TB, workers, each int, meanwhile func()) {
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for n := range each {
				s.Record(t.Context(), numbered(w, n))
				if w == 0 && n%100 == 99 && meanwhile != nil {
					meanwhile()
				}
			}
		})
	}
	all.Wait()
}

// wantAll checks that the files have the line of each event once, and no broken line.
func wantAll(t *testing.T, workers, each int, files ...string) {
	t.Helper()
	seen := map[string]int{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			values := strings.Split(line, " ")
			if len(values) != len(strings.Fields(w3cFields)) || !strings.HasSuffix(line, "\r\n") {
				t.Fatalf("a broken line in %s: %q", name, line)
			}
			seen[values[11]]++
		}
	}
	for w := range workers {
		for n := range each {
			if path := numbered(w, n).Path; seen[path] != 1 {
				t.Fatalf("%d lines about %s", seen[path], path)
			}
		}
	}
	if len(seen) != workers*each {
		t.Errorf("lines about %d files, want %d", len(seen), workers*each)
	}
}

const workers, each = 8, 1000 // fewer than can wait

// A stop loses no line.
func TestCloseLosesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "access.log")
	s := setOf(t, Options{Name: "access_log.a", Format: W3C, File: file})
	s.load(t, workers, each, nil)
	s.Close()
	wantAll(t, workers, each, file)
	if n := s.metrics.Counter(linesTotal, "access_log.a").Value(); n != workers*each {
		t.Errorf("%d lines are counted", n)
	}
}

// What logrotate does, a rename and a signal, loses no line under load, and each file begins
// with the header.
func TestRenameUnderLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "access.log")
	s := setOf(t, Options{Name: "access_log.a", Format: W3C, File: file})
	files := []string{file}
	s.load(t, workers, each, func() {
		renamed := fmt.Sprintf("%s-%d", file, len(files))
		if err := os.Rename(file, renamed); err != nil {
			t.Error(err)
		}
		files = append(files, renamed)
		s.Reopen()
	})
	s.Close()
	wantAll(t, workers, each, files...)
	for _, name := range files {
		if text, _ := os.ReadFile(name); len(text) > 0 && !strings.HasPrefix(string(text), "#Software: Tidegate\r\n") {
			t.Errorf("%s begins with %.40q", name, text)
		}
	}
}

// A reload that adds and removes logs loses no line of a log that stays, and writes those of a
// log that goes.
func TestChangeUnderLoad(t *testing.T) {
	dir := t.TempDir()
	stays := Options{Name: "access_log.a", Format: W3C, File: filepath.Join(dir, "a")}
	other := Options{Name: "access_log.b", Format: JSON, File: filepath.Join(dir, "b")}
	s := setOf(t, stays)
	changed := 0
	s.load(t, workers, each, func() {
		if changed++; changed%2 == 1 {
			s.change(t, stays, other)
		} else {
			s.change(t, stays)
		}
	})
	s.Close()
	wantAll(t, workers, each, stays.File)
	text, err := os.ReadFile(other.File)
	if err != nil || !strings.HasSuffix(string(text), "}\n") {
		t.Errorf("the other log has %.80q, %v", text, err)
	}
	if _, err := s.Prepare([]Options{{Name: "access_log.c", Format: W3C, File: filepath.Join(dir, "none", "c")}}); err == nil {
		t.Error("a log without a directory is opened")
	}
}

// A file is renamed when it is full, and as many are kept as the setting says.
func TestRotate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "access.log")
	o := Options{Name: "access_log.a", Format: W3C, File: file, Rotate: Rotate{Size: 64 << 10, Keep: 100}}
	s := setOf(t, o)
	s.load(t, workers, each, nil)
	s.Close()
	files, err := filepath.Glob(file + "*")
	if err != nil || len(files) < 5 {
		t.Fatalf("%q, %v", files, err)
	}
	wantAll(t, workers, each, files...)
	for _, name := range files {
		if fi, err := os.Stat(name); err != nil || fi.Size() > 64<<10+1000 {
			t.Errorf("%s: %v, %v", name, fi.Size(), err)
		}
	}
	o.Rotate.Keep = 2
	s.change(t, o)
	s.load(t, workers, each, nil)
	s.Close()
	newest, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(newest), "-999 ") {
		t.Errorf("the last lines are not in %s: %v", file, err)
	}
}

// Each day has its own file, also when the process was started again since. A file that another
// process has renamed is not renamed again.
func TestRotateEachDay(t *testing.T) {
	name := filepath.Join(t.TempDir(), "access.log")
	failed := func(err error) { t.Error(err) }
	var f *file
	write := func(line string, lastLine time.Time) {
		t.Helper()
		var err error
		if f, err = openFile(name, Rotate{Every: 24 * time.Hour, Keep: 2}, nil, failed); err != nil {
			t.Fatal(err)
		}
		opened := f
		t.Cleanup(func() { _ = opened.close() })
		if !lastLine.IsZero() {
			f.last = lastLine
		}
		if n, err := f.write([]byte(line)); n != len(line) || err != nil {
			t.Fatal(n, err)
		}
	}
	content := func(name string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	write("one\n", time.Time{})
	write("two\n", yesterday)
	other := f
	write("three\n", yesterday)
	other.last = yesterday
	if _, err := other.write([]byte("four\n")); err != nil {
		t.Fatal(err)
	}
	if got := []string{content(name), content(name + ".1"), content(name + ".2")}; !slices.Equal(got, []string{"three\nfour\n", "two\n", "one\n"}) {
		t.Errorf("the files have %q", got)
	}
	write("five\n", yesterday)
	if got := []string{content(name), content(name + ".1"), content(name + ".2")}; !slices.Equal(got, []string{"five\n", "three\nfour\n", "two\n"}) {
		t.Errorf("the files have %q", got)
	}
}

// Only a log of IIS's format wants an event for each command, and only while it is there.
func TestWantsDialogue(t *testing.T) {
	set := NewSet(slog.New(slog.DiscardHandler), metrics.New())
	defer set.Close()
	dir := t.TempDir()
	in := func(f Format) Options {
		return Options{Name: "access_log." + string(f), Format: f, File: filepath.Join(dir, string(f))}
	}
	for _, step := range []struct {
		logs []Options
		want bool
	}{
		{nil, false},
		{[]Options{in(JSON), in(Xferlog)}, false},
		{[]Options{in(JSON), in(W3C)}, true},
		{[]Options{in(JSON)}, false},
	} {
		next, err := set.Prepare(step.logs)
		if err != nil {
			t.Fatal(err)
		}
		next.Apply()
		if got := set.WantsDialogue(); got != step.want {
			t.Errorf("with %d logs: %v, want %v", len(step.logs), got, step.want)
		}
	}
}

// The standard output gets the lines too.
func TestStandardOutput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out := &stream{w: w, pending: []byte("#head\n")}
	lines := []byte("one\ntwo\n")
	if n, err := out.write(lines); n != len(lines) || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	_ = w.Close()
	if got, err := io.ReadAll(r); string(got) != "#head\none\ntwo\n" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// blocked is an output that takes nothing and reports no error, until it is released.
type blocked struct{ released chan struct{} }

func (b blocked) write(lines []byte) (int, error) {
	<-b.released
	return len(lines), nil
}

func (b blocked) reopen() error {
	<-b.released
	return nil
}
func (blocked) close() error { return nil }

// openBlocked opens a log whose output is blocked until release, and returns what is logged
// about it.
func openBlocked(t *testing.T) (l *Log, lines *logged, release func()) {
	t.Helper()
	lines = &logged{more: make(chan struct{}, 1)}
	l, err := open(Options{Name: "access_log.a", Format: JSON, File: filepath.Join(t.TempDir(), "a")}, slog.New(slog.NewTextHandler(lines, nil)), metrics.New())
	if err != nil {
		t.Fatal(err)
	}
	opened, out := l.writer.out, blocked{make(chan struct{})}
	l.writer.out = out
	return l, lines, func() {
		close(out.released)
		if err := opened.close(); err != nil {
			t.Error(err)
		}
	}
}

// A stop does not wait for ever for a program that does not read the standard output.
func TestCloseWithBlockedOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, lines, release := openBlocked(t)
		defer release()
		l.record(t.Context(), numbered(0, 1))
		begun := time.Now()
		l.close()
		if d := time.Since(begun); d != closeTime || lines.count("access log is blocked, lines lost") != 1 {
			t.Errorf("after %v the log has %q", d, lines.lines)
		}
	})
}

// Neither a reload nor the stop after it waits for ever for an output that is blocked.
func TestReopenOfBlockedOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, lines, release := openBlocked(t)
		defer release()
		s := &Set{logs: []*Log{l}}
		begun := time.Now()
		s.Reopen()
		s.Close()
		s = &Set{logs: []*Log{l}}
		s.Reopen() // as a reload that comes after the stop
		if d := time.Since(begun); d != 2*closeTime || lines.count("access log is blocked, not reopened yet") != 1 {
			t.Errorf("after %v the log has %q", d, lines.lines)
		}
	})
}
