package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// requirement names a test that must have run and passed.
type requirement struct {
	// pkg is the end of the import path: "test/clients".
	pkg string
	// test is the name of a test or subtest: "TestClients/curl".
	test string
	// below: it must have subtests, and none of them may have been skipped.
	below bool
}

func (r requirement) String() string {
	if r.below {
		return r.pkg + " " + r.test + "/..."
	}
	return r.pkg + " " + r.test
}

// parseRequirements reads lines of package and test name. "/..." after the name
// includes all its subtests, # begins a comment.
func parseRequirements(r io.Reader) ([]requirement, error) {
	var rs []requirement
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		switch f := strings.Fields(text); len(f) {
		case 0:
		case 2:
			test, below := strings.CutSuffix(f[1], "/...")
			rs = append(rs, requirement{pkg: f[0], test: test, below: below})
		default:
			return nil, fmt.Errorf("line %d: want a package and the name of a test, got %q", n, text)
		}
	}
	return rs, lines.Err()
}

// check returns a line for each requirement that is not met.
func (r *report) check(required []requirement) []string {
	var missing []string
	for _, q := range required {
		if why := r.unmet(q); why != "" {
			missing = append(missing, q.String()+": "+why)
		}
	}
	return missing
}

// unmet says why q is not met, "" when it is.
func (r *report) unmet(q requirement) string {
	for _, p := range r.order {
		if p.path != q.pkg && !strings.HasSuffix(p.path, "/"+q.pkg) {
			continue
		}
		t := p.tests[q.test]
		switch {
		case t == nil:
			return "did not run"
		case t.result != "pass":
			return "result: " + orUnfinished(t.result)
		case !q.below:
			return ""
		}
		subtests := 0
		for _, t := range p.testOrder {
			if strings.HasPrefix(t.name, q.test+"/") {
				subtests++
				if t.result != "pass" {
					return t.name + ": result: " + orUnfinished(t.result)
				}
			}
		}
		if subtests == 0 {
			return "has no subtests"
		}
		return ""
	}
	return "the package was not tested"
}

func orUnfinished(result string) string {
	if result == "" {
		return "unfinished"
	}
	return result
}
