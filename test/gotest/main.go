// Command gotest runs `go test` and reports what ran.
//
//	go run ./test/gotest [-must-run FILE] [-plain FILE] [-costs FILE] [-results DIRECTORY] [-links DIRECTORY] [-beside COMMAND]... -- ARGUMENTS OF GO TEST
//
// It prints a line per package as it ends, the whole output of what failed, and
// afterwards what ran, every skip with its reason, what each package took, and last
// the closing lines of go test itself. It fails when go test does, and when a test
// that -must-run names did not run and pass: a check that was skipped is no check. It
// also fails when the output of a test, passed or not, has a secret of a configuration
// (internal/testing/planted).
//
// It runs one package more than there are processors at a time, since some packages mostly
// wait. Packages start in the order of -costs, the longest first, so that no processor
// waits at the end for one long package. The packages that -plain names are tested without
// -race, two at a time beside the others. The shell runs the commands of -beside, one at a
// time beside both; the output of each is printed when it has ended. The directory of -results
// gets test.json, the events of go test -json, and costs.txt, the costs of this run in the
// format of -costs. The directory of -links keeps the linked tests, so that the next run links
// only what has changed.
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
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == measureCommand {
		os.Exit(measure(os.Args[2:], os.Stdout))
	}
	if len(os.Args) > 3 && os.Args[1] == toolCommand {
		os.Exit(tool(os.Args[2:]))
	}
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
	plainFile := flags.String("plain", "", "`file` that names the packages to test without -race")
	costsFile := flags.String("costs", "", "`file` with what each package took")
	results := flags.String("results", "", "`directory` for what go test prints and for what each package took")
	links := flags.String("links", "", "`directory` that keeps the linked tests")
	var beside commands
	flags.Var(&beside, "beside", "`command` of the shell to run beside go test, several one after the other")
	if err := flags.Parse(args); err != nil {
		return err
	}
	required, err := readFile(*mustRun, parseRequirements)
	if err != nil {
		return err
	}
	costs, err := readFile(*costsFile, parseCosts)
	if err != nil {
		return err
	}
	plain, err := readFile(*plainFile, parsePackages)
	if err != nil {
		return err
	}
	goTest, packages, err := inOrder(flags.Args(), costs)
	if err != nil {
		return err
	}
	record := io.Discard
	if *results != "" {
		if err := os.MkdirAll(*results, 0o777); err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(*results, "test.json"))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		record = f
	}

	begin := time.Now()
	if *links != "" {
		var keep string
		if keep, err = keepLinks(*links); err != nil {
			return err
		}
		goTest = slices.Concat([]string{keep}, goTest)
		defer func() { err = errors.Join(err, forget(*links, begin)) }()
	}
	w = &wholeWrites{w: w}
	rep := newReport(w)
	var besideErr error
	var others sync.WaitGroup
	others.Go(func() { rep.beside, besideErr = runBeside(ctx, beside, w) })
	readErr, testErr := rep.run(ctx, invocations(goTest, packages, plain, runtime.NumCPU()+1), record)
	others.Wait()

	rep.printRan()
	rep.printSkips()
	missing := rep.check(required)
	if len(required) > 0 {
		fmt.Fprintf(w, "\nTests that must run: %d of %d ran and passed\n", len(required)-len(missing), len(required))
		for _, m := range missing {
			fmt.Fprintln(w, "  "+m)
		}
	}
	rep.printSecrets()
	rep.printCosts(time.Since(begin))
	rep.printClosing()
	if *results != "" {
		err = rep.writeCosts(filepath.Join(*results, "costs.txt"))
	}
	if testErr != nil {
		testErr = fmt.Errorf("go test: %w%s", testErr, listed(rep.failures()))
	}
	if len(missing) > 0 {
		missing := fmt.Errorf("%d tests that must run did not:%s", len(missing), listed(missing))
		testErr = errors.Join(testErr, missing)
	}
	if len(rep.secrets) > 0 {
		testErr = errors.Join(testErr, fmt.Errorf("%d tests print secrets, see above", len(rep.secrets)))
	}
	return errors.Join(readErr, testErr, besideErr, err)
}

// run runs go test with each of these arguments at the same time, reads what they print, and
// copies that to record.
func (r *report) run(ctx context.Context, invocations [][]string, record io.Writer) (readErr, testErr error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	printed, print := io.Pipe()
	var lines sync.Mutex
	var group sync.WaitGroup
	testErrs, took := make([]error, len(invocations)), make([]time.Duration, len(invocations))
	for i, args := range invocations {
		// The vet that go test runs by itself is a part of the one that make test runs.
		cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-vet=off", measuredBy(self)}, args...)...)
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.Env = environment(cmd.Environ(), args)
		cmd.Stderr = os.Stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		group.Go(func() {
			if testErrs[i] = cmd.Start(); testErrs[i] == nil {
				err := copyLines(print, &lines, stdout)
				testErrs[i] = errors.Join(err, cmd.Wait())
				took[i] = processors(cmd)
			}
		})
	}
	go func() {
		group.Wait()
		_ = print.Close() // it never fails
	}()
	readErr = r.read(bufio.NewReader(io.TeeReader(printed, record)))
	_ = printed.CloseWithError(readErr)
	group.Wait()
	for _, d := range took {
		r.cpu += d
	}
	return readErr, errors.Join(testErrs...)
}

// copyLines copies line by line, so that those of several sources stay whole.
func copyLines(w io.Writer, lines *sync.Mutex, from io.Reader) error {
	in := bufio.NewReader(from)
	for {
		line, readErr := in.ReadBytes('\n')
		lines.Lock()
		_, err := w.Write(line)
		lines.Unlock()
		if err != nil {
			return err
		}
		if errors.Is(readErr, io.EOF) {
			return nil
		}
		if readErr != nil {
			return readErr
		}
	}
}

// readFile parses a file; without a name there is nothing in it.
func readFile[T any](name string, parse func(io.Reader) ([]T, error)) ([]T, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	all, err := parse(f)
	_ = f.Close() // it was only read
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all, nil
}

func (r *report) writeCosts(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(writeCosts(f, r.costs()), f.Close())
}
