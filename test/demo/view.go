package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/tidegate/tidegate/internal/testing/ledger"
)

// What a terminal is told.
const (
	otherScreen = "\x1b[?1049h\x1b[?25l" // and no cursor
	firstScreen = "\x1b[?25h\x1b[?1049l"
	home        = "\x1b[H"
	restOfLine  = "\x1b[K"
	restOfPage  = "\x1b[J"
)

// keptEvents is how many events a terminal shows.
const keptEvents = 8

// view shows what happens: on a terminal as a page that is drawn again and again, elsewhere as
// lines. The method event may be called concurrently.
type view struct {
	out  io.Writer
	page bool // on a terminal
	s    *site
	load *load
	// selected is the node that keys are for.
	selected int

	mu     sync.Mutex
	events []string
	last   string // the last line of numbers
}

func newView(out io.Writer, s *site) *view {
	f, ok := out.(*os.File)
	return &view{out: out, page: ok && term.IsTerminal(int(f.Fd())), s: s}
}

// waitFor says what is done meanwhile.
func (v *view) waitFor(what string, do func() error) error {
	fmt.Fprintln(v.out, what)
	return do()
}

// begin takes the terminal.
func (v *view) begin() {
	if v.page {
		fmt.Fprint(v.out, otherScreen)
		return
	}
	fmt.Fprintln(v.out, v.title())
	fmt.Fprintln(v.out, help)
}

// end gives the terminal back.
func (v *view) end() {
	if v.page {
		fmt.Fprint(v.out, firstScreen)
	}
}

// event shows a line.
func (v *view) event(format string, args ...any) {
	line := time.Now().Format(time.TimeOnly) + "  " + fmt.Sprintf(format, args...)
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.page {
		fmt.Fprintln(v.out, line)
		return
	}
	line, _, _ = strings.Cut(line, "\n")
	v.events = append(v.events, line)
	v.events = v.events[max(0, len(v.events)-keptEvents):]
}

// draw shows the numbers.
func (v *view) draw() {
	if v.page {
		v.drawPage()
		return
	}
	line := v.numbers()
	v.mu.Lock()
	defer v.mu.Unlock()
	if line != v.last {
		fmt.Fprintln(v.out, line)
		v.last = line
	}
}

// numbers is the line of numbers.
func (v *view) numbers() string {
	c := v.load.now()
	var nodes []string
	for _, n := range v.s.nodes {
		state, sessions, _ := n.now()
		nodes = append(nodes, fmt.Sprintf("%s: %s, %d sessions, %d confirmed", n.name(), state, sessions, c.byNode[n.index+1]))
	}
	return fmt.Sprintf("confirmed %d, broken %d, refused %d, read back %d, wrong %d; %s", c.confirmed, c.broken, c.refused, c.checked, c.wrong, strings.Join(nodes, "; "))
}

const help = "1 2 3 choose a node   k kill it   d drain it   s start it   q end"

func (v *view) title() string {
	title := fmt.Sprintf("Tidegate: %d devices upload to ftp://%s:%s@%s/", v.load.devices, user, password, v.s.public())
	if v.s.collector != nil {
		title += "\nPrometheus has the metrics of the nodes: http://" + v.s.metrics() + "/"
	}
	return title
}

func (v *view) drawPage() {
	c := v.load.now()
	lines := append(strings.Split(v.title(), "\n"), "",
		fmt.Sprintf("  uploads confirmed     %6d     files read back from the store    %6d", c.confirmed, c.checked),
		fmt.Sprintf("  broken, sent again    %6d     of them not as confirmed          %6d", c.broken, c.wrong),
		fmt.Sprintf("  refused, sent again   %6d     bytes confirmed                %6d MB", c.refused, c.bytes/1e6),
		"",
		"    node  state     sessions  transfers  confirmed  page",
	)
	for i, n := range v.s.nodes {
		state, sessions, transfers := n.now()
		mark := " "
		if i == v.selected {
			mark = ">"
		}
		row := fmt.Sprintf("  %s %-5d %-9s %8s  %9s  %9d  %s", mark, i+1, state, "", "", c.byNode[i+1], "")
		if state.runs() {
			row = fmt.Sprintf("  %s %-5d %-9s %8d  %9d  %9d  %s", mark, i+1, state, sessions, transfers, c.byNode[i+1], n.page)
		}
		lines = append(lines, row)
	}
	lines = append(lines, "")
	v.mu.Lock()
	for i := range keptEvents {
		if i < len(v.events) {
			lines = append(lines, "  "+v.events[i])
		} else {
			lines = append(lines, "")
		}
	}
	v.mu.Unlock()
	lines = append(lines, "", "  "+help)
	width := 80
	if f, ok := v.out.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			width = w
		}
	}
	var b strings.Builder
	b.WriteString(home)
	for _, line := range lines {
		if r := []rune(line); len(r) > width {
			line = string(r[:width])
		}
		b.WriteString(line + restOfLine + "\r\n")
	}
	b.WriteString(restOfPage)
	fmt.Fprint(v.out, b.String())
}

// judgeTime bounds the comparison in the end.
const judgeTime = time.Minute

// judge compares everything that was confirmed with what the store has.
func (v *view) judge() error {
	ctx, cancel := context.WithTimeout(context.Background(), judgeTime)
	defer cancel()
	names := v.load.ledger.Names()
	for _, name := range names {
		v.load.audit(name, func(name string) (ledger.Content, error) { return v.s.read(ctx, name) })
	}
	c := v.load.now()
	fmt.Fprintf(v.out, "%d uploads were confirmed, %d broke and were sent again, %d were refused and sent again.\n", c.confirmed, c.broken, c.refused)
	if c.wrong > 0 {
		return fmt.Errorf("%d files were not as they were confirmed", c.wrong)
	}
	fmt.Fprintf(v.out, "All %d files in the store are as they were confirmed.\n", len(names))
	return nil
}
