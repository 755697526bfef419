package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// measureCommand is the first argument of this program when `go test -exec` runs a
// test binary with it.
const measureCommand = "measure"

// costPrefix begins the line that measure prints below the output of the binary.
const costPrefix = "gotest: processor time "

// measure runs a test binary, prints the processor time that it took with all of its
// child processes, and returns its exit status.
func measure(args []string, w io.Writer) int {
	child, err := os.StartProcess(args[0], args, &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// At its time limit go test asks this process for stacks, and means the binary.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM)
	go func() {
		for s := range signals {
			_ = child.Signal(s) // an error means that the binary has ended
		}
	}()
	status, cpu, err := wait(child)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintf(w, "%s%.2fs\n", costPrefix, cpu.Seconds())
	return status
}

// costIn returns the time in a line that measure printed.
func costIn(line string) (cpu time.Duration, ok bool) {
	text, ok := strings.CutPrefix(strings.TrimSpace(line), costPrefix)
	if !ok {
		return 0, false
	}
	cpu, err := time.ParseDuration(text)
	return cpu, err == nil
}

// measuredBy returns the argument of go test that has program run the test binaries.
func measuredBy(program string) string {
	return "-exec=" + strconv.Quote(program) + " " + measureCommand
}
