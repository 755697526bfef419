package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// The exit statuses.
const (
	exitOK      = 0
	exitFailure = 1 // at run time
	exitUsage   = 2 // a wrong command line or configuration
)

// program is where a run of the program reads and writes.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

// command is one sub-command.
type command struct {
	name, args, summary string
	run                 func(p *program, ctx context.Context, args []string) error
}

func commands() []command {
	return []command{
		{"serve", "PATH", "serve the configuration in a file or a directory of *.hcl files", (*program).serve},
		{"check", "PATH", "report everything that is wrong with a configuration", (*program).check},
		{"dev", "[DIR]", "serve a directory on loopback, without a configuration", (*program).dev},
		{"hash-password", "", "read a password and print the hash that goes into a configuration", (*program).hashPassword},
		{"version", "", "print the version", (*program).printVersion},
		{"help", "", "print this", (*program).help},
	}
}

// errReported ends a run as wrong use when everything has been said already.
var errReported = errors.New("reported")

// errLogged ends a run as failed when the log says why.
var errLogged = errors.New("logged")

// usageError is a wrong command line.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// run executes one command line and returns the exit status. It ends gracefully
// when ctx does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdin, stdout, stderr}
	err := p.dispatch(ctx, args)
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errReported):
		return exitUsage
	case errors.Is(err, errLogged):
		return exitFailure
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "tidegate: %s\n\n%s", usage.text, usageText())
		return exitUsage
	default:
		fmt.Fprintf(stderr, "tidegate: %v\n", err)
		return exitFailure
	}
}

func (p *program) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usageError{"a command is missing"}
	}
	name := args[0]
	switch name {
	case "-h", "-help", "--help":
		name = "help"
	case "-version", "--version":
		name = "version"
	}
	for _, c := range commands() {
		if c.name == name {
			return c.run(p, ctx, args[1:])
		}
	}
	return usageError{fmt.Sprintf("there is no command %q", name)}
}

func (p *program) help(context.Context, []string) error {
	_, err := io.WriteString(p.stdout, usageText())
	return err
}

func usageText() string {
	var b strings.Builder
	b.WriteString("Usage: tidegate COMMAND\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-18s %s\n", strings.TrimSpace(c.name+" "+c.args), c.summary)
	}
	b.WriteString("\nCOMMAND -h tells what flags a command has.\n")
	return b.String()
}

// newFlags returns an empty set of flags for a command.
func newFlags(name string) *flag.FlagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	return set
}

// parse reads the flags and returns what follows them: least to most words.
func (p *program) parse(set *flag.FlagSet, args []string, least, most int) ([]string, error) {
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		for _, c := range commands() {
			if c.name == set.Name() {
				fmt.Fprintf(p.stdout, "Usage: tidegate %s\n\nTo %s.\n", strings.TrimSpace(c.name+" [FLAGS] "+c.args), c.summary)
			}
		}
		set.SetOutput(p.stdout)
		set.PrintDefaults()
		return nil, err
	} else if err != nil {
		return nil, usageError{fmt.Sprintf("%s: %v", set.Name(), err)}
	}
	switch n := set.NArg(); {
	case n < least:
		return nil, usageError{set.Name() + ": an argument is missing"}
	case n > most:
		return nil, usageError{fmt.Sprintf("%s: %q is one argument too many", set.Name(), set.Arg(most))}
	}
	return set.Args(), nil
}
