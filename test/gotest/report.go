package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/internal/testing/planted"
)

// event is one line of `go test -json`, see `go doc test2json` and
// `go help buildjson`.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Elapsed    float64
	Output     string
}

// report gathers the events of one run.
type report struct {
	w        io.Writer
	packages map[string]*pkg
	order    []*pkg
	// secrets are the tests that printed a secret, each once.
	secrets []string
	// cpu is what go test took with all that it built and ran.
	cpu time.Duration
	// beside is what the commands beside it took.
	beside []cost
}

type pkg struct {
	path    string
	result  string
	elapsed float64
	cpu     time.Duration
	// closing is the line that go test ends the package with: "ok …".
	closing   string
	output    strings.Builder
	tests     map[string]*test
	testOrder []*test
}

type test struct {
	name   string
	result string // pass, fail, skip, or "" when it did not end
	output strings.Builder
}

func newReport(w io.Writer) *report {
	return &report{w: w, packages: make(map[string]*pkg)}
}

func (r *report) read(in *bufio.Reader) error {
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var e event
			if jsonErr := json.Unmarshal(line, &e); jsonErr != nil {
				fmt.Fprintf(r.w, "%s\n", bytes.TrimRight(line, "\n")) // not from a test
			} else {
				r.add(e)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) add(e event) {
	if e.Action == "build-output" {
		fmt.Fprint(r.w, e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	p := r.packages[e.Package]
	if p == nil {
		p = &pkg{path: e.Package, tests: make(map[string]*test)}
		r.packages[e.Package] = p
		r.order = append(r.order, p)
	}
	if e.Action == "output" {
		r.findSecret(e)
	}
	if e.Test != "" {
		p.add(e)
		return
	}
	switch e.Action {
	case "output":
		if cpu, ok := costIn(e.Output); ok {
			p.cpu = cpu
		} else if isClosing(e.Output, p.path) {
			p.closing = strings.TrimRight(e.Output, "\n")
		} else {
			p.output.WriteString(e.Output)
		}
	case "pass", "fail", "skip":
		p.result, p.elapsed = e.Action, e.Elapsed
		r.printPackage(p)
	}
}

func (p *pkg) add(e event) {
	t := p.tests[e.Test]
	if t == nil {
		t = &test{name: e.Test}
		p.tests[e.Test] = t
		p.testOrder = append(p.testOrder, t)
	}
	switch e.Action {
	case "output":
		t.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		t.result = worse(t.result, e.Action)
	}
}

// findSecret remembers a test that prints a secret.
func (r *report) findSecret(e event) {
	name := planted.In(e.Output)
	if name == "" {
		return
	}
	if line := fmt.Sprintf("%s %s prints %s", e.Package, e.Test, name); !slices.Contains(r.secrets, line) {
		r.secrets = append(r.secrets, line)
	}
}

// printSecrets lists the tests that printed a secret.
func (r *report) printSecrets() {
	for _, line := range r.secrets {
		fmt.Fprintln(r.w, "secret:", line)
	}
}

// worse joins the results of one test that ran several times (-count).
func worse(a, b string) string {
	for _, result := range []string{"fail", "skip", "pass"} {
		if a == result || b == result {
			return result
		}
	}
	return a
}

// isClosing reports whether line is the one that go test ends a package with.
func isClosing(line, pkg string) bool {
	for _, prefix := range []string{"ok  \t", "FAIL\t", "?   \t", "---\t", "\t"} {
		if strings.HasPrefix(line, prefix+pkg+"\t") || strings.HasPrefix(line, prefix+pkg+" ") || line == prefix+pkg+"\n" {
			return true
		}
	}
	return false
}

// printPackage reports one package that has ended, at once.
func (r *report) printPackage(p *pkg) {
	count := map[string]int{}
	for _, t := range p.testOrder {
		count[orUnfinished(t.result)]++
	}
	var text strings.Builder // printed in one piece, since commands run beside
	if len(p.testOrder) > 0 || p.result == "fail" {
		fmt.Fprintf(&text, "%-4s %s: %d passed, %d skipped, %d failed, %d unfinished (%.1fs)\n",
			p.result, p.path, count["pass"], count["skip"], count["fail"], count["unfinished"], p.elapsed)
	}
	if p.result == "fail" {
		for _, t := range p.testOrder {
			if t.result == "fail" || t.result == "" {
				text.WriteString(indent(t.output.String()))
			}
		}
		text.WriteString(indent(p.output.String()))
	}
	fmt.Fprint(r.w, text.String())
}

// printRan lists the tests of every package, subtests by number.
func (r *report) printRan() {
	fmt.Fprintln(r.w, "\nWhat ran:")
	for _, p := range r.order {
		if len(p.testOrder) == 0 {
			continue
		}
		var top []string
		below := map[string]int{}
		for _, t := range p.testOrder {
			if parent, _, sub := strings.Cut(t.name, "/"); sub {
				below[parent]++
			} else {
				top = append(top, t.name)
			}
		}
		fmt.Fprintf(r.w, "  %s\n", p.path)
		line := "   "
		for _, name := range top {
			if n := below[name]; n > 0 {
				name = fmt.Sprintf("%s(%d)", name, n)
			}
			if len(line)+len(name) > 110 {
				fmt.Fprintln(r.w, line)
				line = "   "
			}
			line += " " + name
		}
		fmt.Fprintln(r.w, line)
	}
}

// printSkips lists every test that was skipped, and why.
func (r *report) printSkips() {
	fmt.Fprintln(r.w, "\nSkipped:")
	none := true
	for _, p := range r.order {
		for _, t := range p.testOrder {
			if t.result == "skip" {
				none = false
				fmt.Fprintf(r.w, "  %s %s: %s\n", p.path, t.name, reason(t.output.String()))
			}
		}
	}
	if none {
		fmt.Fprintln(r.w, "  nothing")
	}
}

// costs returns what the packages took that have tests.
func (r *report) costs() []cost {
	var all []cost
	for _, p := range r.order {
		if len(p.testOrder) > 0 {
			all = append(all, cost{pkg: below(p.path), seconds: p.elapsed, cpu: p.cpu.Seconds()})
		}
	}
	return all
}

// printCosts lists what each package and each command beside them took, the longest first.
func (r *report) printCosts(elapsed time.Duration) {
	fmt.Fprintln(r.w, "\nSeconds, and seconds of processors:")
	tests, all := 0.0, 0.0
	for _, c := range r.costs() {
		tests += c.cpu
	}
	for _, c := range r.beside {
		all += c.cpu
	}
	for _, c := range longestFirst(slices.Concat(r.costs(), r.beside)) {
		fmt.Fprintf(r.w, "  %7.1f %7.1f  %s\n", c.seconds, c.cpu, c.pkg)
	}
	// A process that outlives its test is counted with the test alone.
	build := max(0, r.cpu.Seconds()-tests)
	fmt.Fprintf(r.w, "          %7.1f  to build the tests\n", build)
	fmt.Fprintf(r.w, "  %7.1f %7.1f  all\n", elapsed.Seconds(), all+tests+build)
}

// printClosing prints what go test itself says at the end of every package.
func (r *report) printClosing() {
	fmt.Fprintln(r.w)
	for _, p := range r.order {
		if p.closing != "" && p.result != "skip" {
			fmt.Fprintln(r.w, p.closing)
		}
	}
}

// failures returns the tests that have failed, without their subtests, and the packages that
// have failed without a test.
func (r *report) failures() (all []string) {
	for _, p := range r.order {
		if p.result != "fail" {
			continue
		}
		found := false
		for _, t := range p.testOrder {
			if strings.Contains(t.name, "/") || t.result != "fail" && t.result != "" {
				continue
			}
			found = true
			why := orUnfinished(t.result)
			if strings.Contains(t.output.String(), "WARNING: DATA RACE") {
				why = "data race"
			}
			all = append(all, p.path+" "+t.name+": "+why)
		}
		if !found {
			all = append(all, p.path)
		}
	}
	return all
}

// listed returns the first of several texts as lines. The end of the output is what is read of a
// run whose output was cut.
func listed(texts []string) string {
	const most = 20
	var b strings.Builder
	for _, text := range texts[:min(len(texts), most)] {
		b.WriteString("\n  " + text)
	}
	if more := len(texts) - most; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return b.String()
}

// reason returns what a test logged, without what go test adds around it.
func reason(output string) string {
	var said []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}

func indent(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString("    " + line)
	}
	return b.String()
}
