package main

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// instance is a run of the program in this process, until it is stopped.
type instance struct {
	stdout, stderr *output
	stop           context.CancelFunc
	ended          chan struct{} // closed when status is set
	status         int
}

func start(t *testing.T, args ...string) *instance {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	i := &instance{stdout: newOutput(), stderr: newOutput(), stop: stop, ended: make(chan struct{})}
	go func() {
		i.status = run(ctx, args, strings.NewReader(""), i.stdout, i.stderr)
		i.stdout.close()
		i.stderr.close()
		close(i.ended)
	}()
	t.Cleanup(func() { i.end() })
	return i
}

// end stops the run and returns its exit status. It may be called again.
func (i *instance) end() int {
	i.stop()
	<-i.ended
	return i.status
}

// output records the output of a run and lets tests wait for it.
type output struct {
	mu     sync.Mutex
	text   []byte
	closed bool
	more   chan struct{} // closed and replaced at new output and at the end
}

func newOutput() *output { return &output{more: make(chan struct{})} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, b...)
	o.notify()
	return len(b), nil
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.notify()
}

func (o *output) notify() {
	close(o.more)
	o.more = make(chan struct{})
}

func (o *output) now() (text string, closed bool, more <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text), o.closed, o.more
}

// find waits for a line that matches and returns its groups.
func (o *output) find(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile("(?m)" + pattern)
	for {
		text, closed, more := o.now()
		if m := re.FindStringSubmatch(text); m != nil {
			return m
		}
		if closed {
			t.Fatalf("nothing matches %s in:\n%s", pattern, text)
		}
		<-more
	}
}
