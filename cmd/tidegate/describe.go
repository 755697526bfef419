package main

import (
	"context"
	"flag"
	"io"
	"strings"
)

// allCommands are the commands and those below them, such as "user add".
func allCommands() []command { return append(commands(), subCommands()...) }

// subCommands are the commands below others.
func subCommands() []command { return append(userCommands(), serviceCommands()...) }

// describer has the commands that describe the command line for other programs.
type describer struct{ *program }

// describe runs a command of describer.
func describe(do func(d describer, args []string) error) func(*program, context.Context, []string) error {
	return func(p *program, _ context.Context, args []string) error { return do(describer{p}, args) }
}

// flagsOf returns the flags of a command, without running it.
func flagsOf(c command) []*flag.Flag {
	var flags []*flag.Flag
	p := &program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, flags: func(set *flag.FlagSet) {
		set.VisitAll(func(f *flag.Flag) { flags = append(flags, f) })
	}}
	_ = c.run(p, context.Background(), []string{"-h"}) // flag.ErrHelp
	return flags
}

// takesValue reports whether a flag is followed by a value.
func takesValue(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return !ok || !b.IsBoolFlag()
}
