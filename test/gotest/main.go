// Command gotest runs `go test` and reports what ran.
//
//	go run ./test/gotest [-must-run FILE] [-json FILE] -- ARGUMENTS OF GO TEST
//
// It prints a line per package as it ends, the whole output of what failed, and
// afterwards what ran, every skip with its reason, and last the closing lines of
// go test itself. It fails when go test does, and when a test that FILE names
// did not run and pass: a check that was skipped is no check.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stdout, "FAIL:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, w io.Writer) (err error) {
	flags := flag.NewFlagSet("gotest", flag.ContinueOnError)
	mustRun := flags.String("must-run", "", "`file` that names the tests that must run and pass")
	events := flags.String("json", "", "`file` to write the events of go test -json to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var required []requirement
	if *mustRun != "" {
		f, err := os.Open(*mustRun)
		if err != nil {
			return err
		}
		required, err = parseRequirements(f)
		_ = f.Close() // it was only read
		if err != nil {
			return fmt.Errorf("%s: %w", *mustRun, err)
		}
	}
	record := io.Discard
	if *events != "" {
		if err := os.MkdirAll(filepath.Dir(*events), 0o777); err != nil {
			return err
		}
		f, err := os.Create(*events)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		record = f
	}

	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, flags.Args()...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	rep := newReport(w)
	readErr := rep.read(bufio.NewReader(io.TeeReader(stdout, record)))
	testErr := cmd.Wait()

	rep.printRan()
	rep.printSkips()
	missing := rep.check(required)
	if len(required) > 0 {
		fmt.Fprintf(w, "\nTests that must run: %d of %d ran and passed\n", len(required)-len(missing), len(required))
		for _, m := range missing {
			fmt.Fprintln(w, "  "+m)
		}
	}
	rep.printClosing()

	if testErr != nil {
		testErr = fmt.Errorf("go test: %w", testErr)
	}
	if len(missing) > 0 {
		missing := fmt.Errorf("%d tests that must run did not, see above", len(missing))
		testErr = errors.Join(testErr, missing)
	}
	return errors.Join(readErr, testErr)
}
