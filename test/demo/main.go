package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	program, root string
	ports         int
	devices       int
}

// run is the program. It ends with ctx, or by a key.
func run(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) (err error) {
	var o options
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.StringVar(&o.program, "program", "bin/tidegate", "the `path` of the gateway's program")
	flags.StringVar(&o.root, "root", ".", "the `directory` of the repository")
	flags.IntVar(&o.ports, "ports", 2100, "the `number` that all ports begin at: the control port is 21 more")
	flags.IntVar(&o.devices, "devices", 8, "the `number` of devices that upload")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := newSite(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	v := newView(stdout, s)
	if err := v.waitFor("Starting Azurite, three nodes and HAProxy …", func() error { return s.start(ctx) }); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	l, err := newLoad(s, o.devices, v)
	if err != nil {
		return err
	}
	v.load = l
	keys, restore, err := readKeys(stdin)
	if err != nil {
		return err
	}
	defer restore()
	v.begin()
	stopLoad := l.start(ctx)
	s.follow(ctx, keys, v)
	v.end()
	restore()
	stopLoad()
	return v.judge()
}
