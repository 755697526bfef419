package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/process"
	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/internal/azurite"
	"github.com/tidegate/tidegate/test/launch"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

func TestMain(m *testing.M) { os.Exit(launch.Main(m)) }

// screen is what the demo prints, not on a terminal.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed and replaced at each write
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.more)
	s.more = make(chan struct{})
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await waits until enough is true of what was printed.
func (s *screen) await(t *testing.T, what string, enough func(text string) bool) {
	t.Helper()
	late := time.After(patience.Limit())
	for {
		s.mu.Lock()
		text, more := s.text.String(), s.more
		s.mu.Unlock()
		if enough(text) {
			return
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("%s: not so in time:\n%s", what, text)
		}
	}
}

// says waits for a text.
func (s *screen) says(t *testing.T, text string) {
	t.Helper()
	s.await(t, text, func(all string) bool { return strings.Contains(all, text) })
}

// numbers returns those of the last line of numbers.
func numbers(text string) (confirmed, broken, wrong int, byNode [nodeCount]int) {
	all := regexp.MustCompile(`(?m)^confirmed (\d+), broken (\d+), refused \d+, read back \d+, wrong (\d+); (.*)$`).FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return 0, 0, 0, byNode
	}
	last := all[len(all)-1]
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	for i, m := range regexp.MustCompile(`(\d+) confirmed`).FindAllStringSubmatch(last[4], -1) {
		byNode[i] = number(m[1])
	}
	return number(last[1]), number(last[2]), number(last[3]), byNode
}

// goes waits until every node of some has confirmed further uploads.
func (s *screen) goes(t *testing.T, nodes ...int) {
	t.Helper()
	_, _, _, before := numbers(s.String())
	s.await(t, fmt.Sprintf("nodes %v confirm", nodes), func(text string) bool {
		_, _, _, now := numbers(text)
		for _, n := range nodes {
			if now[n-1] < before[n-1]+2 {
				return false
			}
		}
		return true
	})
}

// need skips the test where the demo cannot run.
func need(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs the built program, HAProxy and Azurite")
	}
	if _, err := exec.LookPath("haproxy"); err != nil {
		if _, err := os.Stat("/usr/sbin/haproxy"); err != nil {
			t.Skip("haproxy is not installed; make test installs it")
		}
	}
	if _, err := os.Stat("../azurite/node_modules/azurite"); err != nil {
		t.Skip("azurite is not installed; make test installs it")
	}
}

// freePorts returns a number for -ports whose ports are free.
func freePorts(t *testing.T) int {
	t.Helper()
	for {
		base := 10_000 + rand.N(200)*100
		s := &site{o: options{ports: base}, programs: programs{prometheus: "yes"}}
		if err := checkPorts(s.addresses(), base); err == nil {
			return base
		}
	}
}

// children returns the processes that this one has started and that have not ended.
func children(t *testing.T) []string {
	t.Helper()
	self, err := process.NewProcess(int32(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	all, err := self.Children()
	if err != nil {
		return nil // there are none
	}
	var names []string
	for _, p := range all {
		name, _ := p.Cmdline()
		names = append(names, name)
	}
	return names
}

// A key that is pressed before the first screen has no effect.
func TestKeysBeforeTheScreen(t *testing.T) {
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer keyboard.Close()
	if err := unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	if _, err := keyboard.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	keys, restore, err := readKeys(terminal)
	if err != nil {
		t.Fatal(err)
	}
	defer restore()
	if _, err := keyboard.WriteString("s"); err != nil {
		t.Fatal(err)
	}
	if got := <-keys; got != 's' {
		t.Errorf("the first key is %q, want 's'", got)
	}
}

// TestDemo presses the keys: a node is killed, started again, and drained. No confirmed upload
// is lost, a drain breaks none, and nothing is left in the end.
func TestDemo(t *testing.T) {
	need(t)
	program := launch.Command(t).Path
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	ports := freePorts(t)
	before := children(t)
	r, keys := io.Pipe()
	out := &screen{more: make(chan struct{})}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		ended <- run(ctx, []string{"-program", program, "-root", "../..", "-ports", strconv.Itoa(ports)}, r, out)
	}()
	press := func(text string) {
		t.Helper()
		if _, err := io.WriteString(keys, text); err != nil {
			t.Fatal(err)
		}
	}
	out.await(t, "uploads", func(text string) bool {
		select {
		case err := <-ended:
			t.Fatalf("%v\n%s", err, text)
		default:
		}
		confirmed, _, _, _ := numbers(text)
		return confirmed > 0
	})
	out.goes(t, 1, 2, 3)

	press("2k")
	out.says(t, "node 2 was killed")
	out.goes(t, 1, 3)
	press("s")
	out.says(t, "node 2 serves")
	out.goes(t, 1, 2, 3)

	_, broken, _, _ := numbers(out.String())
	press("1d")
	out.says(t, "node 1 has drained and ended")
	out.goes(t, 2, 3)
	if _, now, _, _ := numbers(out.String()); now != broken {
		t.Errorf("the drain broke %d uploads", now-broken)
	}
	press("s")
	out.says(t, "node 1 serves")
	out.goes(t, 1)
	press("q")
	if err := <-ended; err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	keys.Close()
	out.says(t, "files in the store are as they were confirmed")
	if _, _, wrong, _ := numbers(out.String()); wrong > 0 {
		t.Errorf("wrong files: %d\n%s", wrong, out)
	}
	if t.Failed() {
		return
	}
	t.Logf("%s", out.String()[strings.LastIndex(out.String(), "confirmed "):])

	if left := children(t); len(left) > len(before) {
		t.Errorf("processes are left: %q", left)
	}
	if files, err := os.ReadDir(temporary); err != nil || len(files) > 0 {
		t.Errorf("files are left: %v, %v", files, err)
	}
	s := &site{o: options{ports: ports}, programs: programs{prometheus: "yes"}}
	if err := checkPorts(s.addresses(), ports); err != nil {
		t.Error(err)
	}
}

// The demo reports missing programs and ports that are in use before it starts anything, and
// leaves nothing behind.
func TestDemoRefuses(t *testing.T) {
	need(t)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	program := filepath.Join(t.TempDir(), "tidegate")
	if err := os.WriteFile(program, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	try := func(args ...string) error {
		t.Helper()
		return run(t.Context(), append([]string{"-program", program, "-root", "../.."}, args...), strings.NewReader(""), io.Discard)
	}
	ports := freePorts(t)
	s := &site{o: options{ports: ports}}
	busy, err := net.Listen("tcp", s.public())
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	err = try("-ports", strconv.Itoa(ports))
	if want := fmt.Sprintf("%s is in use by ", s.public()); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "ARGS='-ports ") {
		t.Errorf("a busy port: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	err = try("-program", "no/such/program", "-root", t.TempDir())
	for _, want := range []string{"make build", azurite.Install} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("missing programs: %v, want %q", err, want)
		}
	}
	if files, err := os.ReadDir(temporary); err != nil || len(files) > 0 {
		t.Errorf("files are left: %v, %v", files, err)
	}
}
