package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/tidegate/tidegate/config"
)

// The exit statuses.
const (
	exitOK      = 0
	exitFailure = 1 // at run time
	exitUsage   = 2 // a wrong command line or configuration
)

// program has the input and the outputs of one run of the program.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	// flags, when set, gets the flags of the command, which then prints no help.
	flags func(*flag.FlagSet)
}

// command is one sub-command.
type command struct {
	name, args, summary string
	run                 func(p *program, ctx context.Context, args []string) error
	details             string // appended to its help; may be ""
}

const serveDetails = `Exit status:
  0  stopped by a signal, and everything has ended
  1  it could not start, failed, or did not end completely; the log has the cause
  2  the command line or the configuration is wrong; no store or port was opened

Signals:
  SIGTERM, SIGINT  stop; running transfers get the grace period (transfers { grace }); see docs/operations.md
  a second one     end at once; the log has what was cut
  SIGUSR2          start the program again in the place of this process, without refusing clients; see docs/operations.md
  SIGHUP           reload the configuration and the files that it names; see docs/reload.md

The log goes to standard error. The block log configures it.`

const checkDetails = `It reads files, and opens no store and no port. A missing file is a
warning here, and an error for serve. Before a start or a reload, on the machine
that serves, and with its variables:

  tidegate check -here -online -env-file /etc/tidegate/env /etc/tidegate

In CI, without the variables of production:

  tidegate check -allow-missing-env -format github conf/

Exit status:
  0  the configuration can be served, perhaps with warnings
  2  it cannot, a store cannot be used (-online), or the command line is wrong; the problems are on standard error,
     or on standard output with a format other than text`

func commands() []command {
	return []command{
		{"serve", "PATH", "serve the configuration in a file or a directory of *.hcl files", (*program).serve, serveDetails},
		{"check", "PATH", "report every problem of a configuration; - reads it from standard input", (*program).check, checkDetails},
		{"fmt", "PATH", "give the files of a configuration the layout of HCL", (*program).layout, fmtDetails},
		{"dev", "[DIR]", "try it: serve a directory, without a configuration", (*program).dev, devDetails},
		{"status", "", "show what a running process does", operate(operator.status), operateDetails},
		{"sessions", "", "list the live sessions of a running process", operate(operator.sessions), operateDetails},
		{"trace", "ADDRESS|USER", "print the dialogue with a client of a running process as it happens", operate(operator.trace), operateDetails},
		{"kick", "ID", "end a session of a running process, with its transfers", operate(operator.kick), operateDetails},
		{"reload", "", "have a running process read its configuration again, and wait for the result", operate(operator.reload), operateDetails},
		{"drain", "", "stop a running process when its transfers have ended", operate(operator.drain), operateDetails},
		{"hash-password", "", "read a password and print the hash that goes into a configuration", (*program).hashPassword, ""},
		{"user", "COMMAND", "edit a file of users: add, passwd, list, rm, disable, enable", (*program).user, userDetails},
		{"import", "FORMAT FILE", "make a users file of the users of another server", (*program).importUsers, importDetails},
		{"service", "COMMAND", "run as a service of Windows: install, start, status, reload, stop, remove", operateService(servicer.any), serviceDetails},
		{"completion", "SHELL", "print what completes command lines in bash, zsh or fish", describe(describer.completion), completionDetails},
		{"man", "", "print the manual page, for man(1)", describe(describer.manual), ""},
		{"version", "", "print the version", (*program).printVersion, ""},
		{"help", "[COMMAND]", "print this, or what COMMAND -h prints", (*program).help, ""},
	}
}

// errReported ends a run with exitUsage when the problems have been printed.
var errReported = errors.New("reported")

// errLogged ends a run with exitFailure when the log has the cause.
var errLogged = errors.New("logged")

// usageError is a wrong command line.
type usageError struct {
	text string
	// command is the one whose help lists what is right, "" for that of the program.
	command string
}

func (e usageError) Error() string { return e.text }

// run executes one command line and returns the exit status. When ctx ends, it stops
// gracefully.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr}
	return exitStatus(p.dispatch(ctx, args), stderr)
}

// exitStatus prints an error that nothing has printed yet, and returns the exit status.
func exitStatus(err error, stderr io.Writer) int {
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errReported):
		return exitUsage
	case errors.Is(err, errLogged):
		return exitFailure
	case errors.As(err, &usage):
		// The whole help would hide the error.
		help := "help"
		if usage.command != "" {
			help = usage.command + " -help"
		}
		fmt.Fprintf(stderr, "tidegate: %s\nRun 'tidegate %s' for usage.\n", usage.text, help)
		return exitUsage
	default:
		fmt.Fprintf(stderr, "tidegate: %v\n", err)
		return exitFailure
	}
}

func (p *program) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		fmt.Fprintf(p.stderr, "tidegate: a command is missing\n\n%s", usageText())
		return errReported
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
	names := make([]string, 0, len(commands()))
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return usageError{text: fmt.Sprintf("there is no command %q%s", name, didYouMean(name, names))}
}

// below runs one of the commands below a command.
func below(ctx context.Context, p *program, name string, commands []command, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		_, err := p.parse(newFlags(name), args, 1, 1)
		return err
	}
	var verbs []string
	for _, c := range commands {
		verb := strings.TrimPrefix(c.name, name+" ")
		if verb == args[0] {
			return c.run(p, ctx, args[1:])
		}
		verbs = append(verbs, verb)
	}
	return usageError{
		fmt.Sprintf("%s: there is no command %q%s", name, args[0], didYouMean(args[0], verbs)), name,
	}
}

// didYouMean suggests the known word nearest to word, if one is near.
func didYouMean(word string, known []string) string {
	if near := config.Nearest(word, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

func (p *program) help(ctx context.Context, args []string) error {
	most := 1
	if len(args) > 0 && (args[0] == "user" || args[0] == "service") {
		most = 2
	}
	rest, err := p.parse(newFlags("help"), args, 0, most)
	if err != nil {
		return err
	}
	if len(rest) > 0 && rest[0] != "help" {
		return p.dispatch(ctx, append(rest, "-h"))
	}
	_, err = io.WriteString(p.stdout, usageText())
	return err
}

func usageText() string {
	var b strings.Builder
	b.WriteString("Usage: tidegate COMMAND\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-18s %s\n", strings.TrimSpace(c.name+" "+c.args), c.summary)
	}
	b.WriteString("\nCOMMAND -h lists the flags of a command.\n")
	return b.String()
}

// newFlags returns an empty set of flags for a command.
func newFlags(name string) *flag.FlagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	return set
}

// parse parses the flags and returns the arguments after them, of which there must be least
// to most.
func (p *program) parse(set *flag.FlagSet, args []string, least, most int) ([]string, error) {
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) && p.flags != nil {
		p.flags(set)
		return nil, err
	} else if errors.Is(err, flag.ErrHelp) {
		_, failed := io.WriteString(p.stdout, helpOf(set))
		return nil, cmp.Or(failed, err)
	} else if err != nil {
		return nil, usageError{fmt.Sprintf("%s: %v%s", set.Name(), err, nearFlag(set, err)), set.Name()}
	}
	switch n := set.NArg(); {
	case n < least:
		return nil, usageError{set.Name() + ": an argument is missing", set.Name()}
	case n > most:
		return nil, usageError{fmt.Sprintf("%s: unexpected argument %q%s", set.Name(), set.Arg(most), lateFlag(set.Arg(most))), set.Name()}
	}
	return set.Args(), nil
}

// nearFlag suggests a flag for an unknown one. The error of package flag ends in its name.
func nearFlag(set *flag.FlagSet, err error) string {
	_, name, unknown := strings.Cut(err.Error(), "not defined: ")
	if !unknown {
		return ""
	}
	var known []string
	set.VisitAll(func(f *flag.Flag) { known = append(known, "-"+f.Name) })
	return didYouMean("-"+strings.TrimLeft(name, "-"), known)
}

// lateFlag explains that a flag after the arguments is taken for an argument.
func lateFlag(arg string) string {
	if strings.HasPrefix(arg, "-") {
		return ": flags come before the arguments"
	}
	return ""
}

// helpOf returns the help of one command with its flags.
func helpOf(set *flag.FlagSet) string {
	var flags, b strings.Builder
	set.SetOutput(&flags)
	set.PrintDefaults()
	set.SetOutput(io.Discard)
	for _, c := range allCommands() {
		if c.name != set.Name() {
			continue
		}
		words := c.name
		if flags.Len() > 0 {
			words += " [FLAGS]"
		}
		fmt.Fprintf(&b, "Usage: tidegate %s\n\n%s%s.\n", strings.TrimSpace(words+" "+c.args), strings.ToUpper(c.summary[:1]), c.summary[1:])
		if c.details != "" {
			fmt.Fprintf(&b, "\n%s\n", c.details)
		}
	}
	if flags.Len() == 0 {
		flags.WriteString("  none but -h\n")
	}
	b.WriteString("\nFlags:\n" + flags.String())
	return b.String()
}
