package launch

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"sync"
)

// shown is how many lines of a process a failure shows.
const shown = 400

// output holds the lines that a process printed.
type output struct {
	mu    sync.Mutex
	lines []string
	more  chan struct{} // closed and replaced with every line
}

func newOutput() *output { return &output{more: make(chan struct{})} }

// readFrom reads until the process and its children have ended.
func (o *output) readFrom(r io.ReadCloser) {
	defer r.Close()
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		o.mu.Lock()
		if line != "" {
			o.lines = append(o.lines, strings.TrimRight(line, "\r\n"))
		}
		close(o.more)
		o.more = make(chan struct{})
		o.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// check calls enough with the lines so far, and returns a channel that is closed when there
// are more.
func (o *output) check(enough func(lines []string) bool) (ok bool, more <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return enough(o.lines), o.more
}

func (o *output) find(match func(line string) bool) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []string
	for _, line := range o.lines {
		if match(line) {
			found = append(found, line)
		}
	}
	return found
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	last := o.lines[max(0, len(o.lines)-shown):]
	text := strings.Join(last, "\n")
	if before := len(o.lines) - len(last); before > 0 {
		text = fmt.Sprintf("(%d lines before)\n%s", before, text)
	}
	return text
}
