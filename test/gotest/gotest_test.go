package main

import (
	"bufio"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// events is what go test -json prints for a package that passes, with one skip,
// and one that panics in its second test.
const events = `
{"Action":"run","Package":"m/good","Test":"TestA"}
{"Action":"run","Package":"m/good","Test":"TestA/one"}
{"Action":"output","Package":"m/good","Test":"TestA/one","Output":"    a_test.go:7: no lftp here\n"}
{"Action":"output","Package":"m/good","Test":"TestA/one","Output":"    --- SKIP: TestA/one (0.00s)\n"}
{"Action":"skip","Package":"m/good","Test":"TestA/one"}
{"Action":"pass","Package":"m/good","Test":"TestA"}
{"Action":"run","Package":"m/good","Test":"TestB"}
{"Action":"run","Package":"m/good","Test":"TestB/one"}
{"Action":"pass","Package":"m/good","Test":"TestB/one"}
{"Action":"pass","Package":"m/good","Test":"TestB"}
{"Action":"output","Package":"m/good","Output":"PASS\n"}
{"Action":"output","Package":"m/good","Output":"gotest: processor time 0.25s\n"}
{"Action":"output","Package":"m/good","Output":"ok  \tm/good\t0.1s\n"}
{"Action":"pass","Package":"m/good","Elapsed":0.1}
{"ImportPath":"m/broken","Action":"build-output","Output":"broken.go:1:1: syntax error\n"}
{"Action":"run","Package":"m/bad","Test":"TestC"}
{"Action":"pass","Package":"m/bad","Test":"TestC"}
{"Action":"run","Package":"m/bad","Test":"TestD"}
{"Action":"output","Package":"m/bad","Test":"TestD","Output":"panic: oh\n"}
{"Action":"output","Package":"m/bad","Output":"FAIL\tm/bad\t0.1s\n"}
{"Action":"fail","Package":"m/bad","Elapsed":0.1}
`

func readEvents(t *testing.T) (*report, *strings.Builder) {
	t.Helper()
	var out strings.Builder
	r := newReport(&out)
	if err := r.read(bufio.NewReader(strings.NewReader(events))); err != nil {
		t.Fatal(err)
	}
	return r, &out
}

func TestReportReadsWell(t *testing.T) {
	r, out := readEvents(t)
	r.printRan()
	r.printSkips()
	r.cpu, r.beside = 2*time.Second, []cost{{"go vet", 0.5, 1.5}}
	r.printCosts(time.Second)
	r.printClosing()
	want := `pass m/good: 3 passed, 1 skipped, 0 failed, 0 unfinished (0.1s)
broken.go:1:1: syntax error
fail m/bad: 1 passed, 0 skipped, 0 failed, 1 unfinished (0.1s)
    panic: oh

What ran:
  m/good
    TestA(1) TestB(1)
  m/bad
    TestC TestD

Skipped:
  m/good TestA/one: a_test.go:7: no lftp here

Seconds, and seconds of processors:
      0.5     1.5  go vet
      0.1     0.2  m/good
      0.1     0.0  m/bad
              1.8  to build the tests
      1.0     3.5  all

ok  	m/good	0.1s
FAIL	m/bad	0.1s
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

// TestSecrets: a secret in the output of any test is reported once, and not printed.
func TestSecrets(t *testing.T) {
	var out strings.Builder
	r := newReport(&out)
	const line = `{"Action":"output","Package":"m/good","Test":"TestA","Output":"pass=correct horse\n"}` + "\n"
	if err := r.read(bufio.NewReader(strings.NewReader(line + line))); err != nil {
		t.Fatal(err)
	}
	r.printSecrets()
	if want := "secret: m/good TestA prints a password\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestRequirements(t *testing.T) {
	tests := []struct {
		name string
		line string
		want []string
	}{
		{"passed", "good TestB", nil},
		{"passed with all below", "good TestB/...", nil},
		{"full import path", "m/good TestB/one", nil},
		{"comment", "good TestB # why\n# nothing\n", nil},
		{"skipped", "good TestA/one", []string{"good TestA/one: result: skip"}},
		{"skipped below", "good TestA/...", []string{"good TestA/...: TestA/one: result: skip"}},
		{"skipped below and not asked", "good TestA", nil},
		{"nothing below", "bad TestC/...", []string{"bad TestC/...: has no subtests"}},
		{"panicked", "bad TestD", []string{"bad TestD: result: unfinished"}},
		{"not there", "good TestE", []string{"good TestE: did not run"}},
		{"end of a name is no package", "ood TestB", []string{"ood TestB: the package was not tested"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := readEvents(t)
			required, err := parseRequirements(strings.NewReader(tt.line))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, r.check(required)); diff != "" {
				t.Errorf("check(%q) (-want +got):\n%s", tt.line, diff)
			}
		})
	}
}

func TestRequirementsRefuseOtherLines(t *testing.T) {
	if got, err := parseRequirements(strings.NewReader("only-a-package\n")); err == nil {
		t.Errorf("got %v, want an error", got)
	}
}

// The list at the end of the output is short.
func TestListed(t *testing.T) {
	var texts []string
	for range 22 {
		texts = append(texts, "x")
	}
	if got, want := listed(texts), strings.Repeat("\n  x", 20)+"\n  and 2 more"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := listed(nil); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}
