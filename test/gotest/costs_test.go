package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets this program be the one that measures test binaries and links them.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == measureCommand {
		os.Exit(measure(os.Args[2:], os.Stdout))
	}
	if len(os.Args) > 3 && os.Args[1] == toolCommand {
		os.Exit(tool(os.Args[2:]))
	}
	os.Exit(m.Run())
}

func TestCostsAreReadAsTheyAreWritten(t *testing.T) {
	want := []cost{{"test/clients", 191, 240}, {"vfs", 3, 2}, {"config", 1, 1}}
	var b strings.Builder
	if err := writeCosts(&b, []cost{want[2], want[0], want[1]}); err != nil {
		t.Fatal(err)
	}
	got, err := parseCosts(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(cost{})); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, b.String())
	}
	for _, wrong := range []string{"vfs 1", "vfs 1 x", "vfs x 1", "vfs 1 2 3"} {
		if got, err := parseCosts(strings.NewReader(wrong)); err == nil {
			t.Errorf("parseCosts(%q) = %v, want an error", wrong, got)
		}
	}
}

func TestLongPackagesStartFirst(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	flags, got, err := inOrder([]string{"-race", "./test/gotest", "./vfs", "./config", "-count=1"}, []cost{{pkg: "config", seconds: 2}, {pkg: "vfs", seconds: 1}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{module + "config", module + "vfs", module + "test/gotest"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"-race", "-count=1"}, flags); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func lastLine(text string) string {
	text = strings.TrimSuffix(text, "\n")
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// TestRun runs go test in a module with a package that works, in a child process, and
// one that fails.
func TestRun(t *testing.T) {
	const works = `package good

import (
	"crypto/sha256"
	"os"
	"os/exec"
	"testing"
)

func TestWork(t *testing.T) {
	if os.Getenv("CHILD") == "" {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "CHILD=1")
		if err := child.Run(); err != nil {
			t.Fatal(err)
		}
		return
	}
	var sum [sha256.Size]byte
	for range 2_000_000 {
		sum = sha256.Sum256(sum[:])
	}
}
`
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		"go.mod":           "module m\n\ngo 1.26\n",
		"good/a_test.go":   works,
		"failed/a_test.go": "package failed\n\nimport \"testing\"\n\nfunc TestFails(t *testing.T) { t.Fatal(\"why\") }\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := run(t.Context(), []string{"-results", "out", "--", "-count=1", "./good", "./failed"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "exit status 1") || !strings.HasSuffix(err.Error(), "\n  m/failed TestFails: fail") {
		t.Errorf("a package failed: %v, want an exit status of 1 and the test at the end", err)
	}
	err = run(t.Context(), []string{"-beside", "exit 3", "--", "-count=1", "./good"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "exit 3: exit status 3") {
		t.Errorf("a command beside failed: %v, want its exit status", err)
	}
	var out strings.Builder
	if err := run(t.Context(), []string{"-results", "out", "-beside", "echo said", "--", "-count=1", "./good"}, &out); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "    said\n") || !strings.HasPrefix(lastLine(out.String()), "ok  \tm/good\t") {
		t.Errorf("want what the command beside said, and last how go test closes:\n%s", &out)
	}
	text, err := os.ReadFile(filepath.Join("out", "test.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cpu float64
	for line := range strings.Lines(string(text)) {
		if _, rest, found := strings.Cut(line, costPrefix); found {
			if _, err := fmt.Sscanf(rest, "%f", &cpu); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Two million hashes take some hundred nanoseconds each, an empty test some milliseconds.
	if cpu < 0.08 {
		t.Errorf("the package took %v s of processors, want what its child takes:\n%s", cpu, text)
	}
	if _, err := os.Stat(filepath.Join("out", "costs.txt")); err != nil {
		t.Error(err)
	}

	both := newReport(io.Discard)
	readErr, testErr := both.run(t.Context(), [][]string{{"-count=1", "./good"}, {"-count=1", "./failed"}}, io.Discard)
	if readErr != nil || testErr == nil || !strings.Contains(testErr.Error(), "exit status 1") {
		t.Errorf("a package of two runs failed: %v, %v, want an exit status of 1", readErr, testErr)
	}
	for name, want := range map[string]string{"m/good": "pass", "m/failed": "fail"} {
		if p := both.packages[name]; p == nil || p.result != want {
			t.Errorf("%s: %+v, want %s", name, p, want)
		}
	}
}
