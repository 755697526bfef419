package launch_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/test/launch"
)

func shell(t *testing.T, script string) *launch.Process {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh")
	}
	return launch.Start(t, exec.Command("sh", "-c", script))
}

func TestProcessPrints(t *testing.T) {
	p := shell(t, `echo one; echo two >&2; read line; echo "never"`)
	if got := p.Find("two", func(line string) bool { return strings.HasPrefix(line, "t") }); got != "two" {
		t.Errorf("Find: %q, want two", got)
	}
	if err := p.Wait(); err != nil { // standard input is empty
		t.Error(err)
	}
	got := p.Lines(func(line string) bool { return strings.Contains(line, "e") })
	if want := []string{"one", "never"}; !slices.Equal(got, want) {
		t.Errorf("Lines: %q, want %q", got, want)
	}
	if p.Await("what never comes", func(lines []string) bool { return len(lines) > 3 }) {
		t.Error("Await: true after the end")
	}
}

func TestProcessEnds(t *testing.T) {
	const waits = `echo ready; while :; do sleep 0.1; done`
	ready := func(line string) bool { return line == "ready" }

	p := shell(t, `trap 'exit 0' TERM; `+waits)
	p.Find("its start", ready)
	p.Stop()

	p = shell(t, waits)
	p.Find("its start", ready)
	p.Terminate()
	if err := p.Wait(); err == nil {
		t.Error("no error from a process that a signal ended")
	}

	p = shell(t, `trap '' TERM; `+waits)
	p.Find("its start", ready)
	p.Terminate()
	p.Kill()
}
