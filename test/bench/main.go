package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// run is the program: the benchmark, or one of the programs that it starts itself as.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case relayCommand:
			return serveRelay(ctx, args[1:], stderr)
		case neighbourCommand:
			return serveNeighbour(ctx, args[1:], os.Stdin, stdout)
		case floodCommand:
			return serveFlood(ctx, args[1:], os.Stdin, stdout)
		case refuserCommand:
			return serveRefuser(ctx, stderr)
		}
	}
	// Clients and store have little that lives, and would collect garbage all the time.
	debug.SetGCPercent(400)
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	program := flags.String("program", "bin/tidegate", "the `path` of the gateway's program")
	base := flags.String("base", "", "measure each row with the program of an earlier state at this `path` too, in turn, and write what that was and the ratio to it")
	out := flags.String("o", "", "write the page to this `file` rather than to standard output")
	short := flags.Bool("short", false, "measure less and smaller: three minutes at most")
	rows := flags.String("rows", "", "measure only the rows whose \"TABLE: ROW\" matches this `regexp`")
	limit := flags.Duration("limit", 3*time.Minute, "give up a row that takes longer than this `time`")
	profile := flags.String("profile", "", "write CPU profiles of the gateway, one for each row, to this `directory`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	only, err := regexp.Compile(*rows)
	if err != nil {
		return fmt.Errorf("rows: %w", err)
	}
	if *profile != "" && (*base != "" || isSet(flags, "program")) {
		return errors.New("-profile builds the program of this directory: it excludes -program and -base")
	}
	b := &bench{scale: full(), program: *program, base: *base, only: only, limit: *limit, log: stderr}
	if *short {
		b.scale = shortened()
	}
	if b.dir, err = os.MkdirTemp("", "tidegate-bench"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	if *profile != "" {
		if err := b.profiled(ctx, *profile); err != nil {
			return err
		}
	}
	page, failed := b.measure(ctx)
	if *out == "" || b.cut != "" { // what the file has is more than a part
		_, err = stdout.Write(page)
	} else {
		err = os.WriteFile(*out, page, 0o644)
	}
	return errors.Join(failed, err)
}

// isSet reports whether a flag is on the command line.
func isSet(flags *flag.FlagSet, name string) bool {
	set := false
	flags.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}
