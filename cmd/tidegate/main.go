package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signaled, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, stop := context.WithCancel(context.Background())
	// The first signal starts a graceful stop. Before that, signals get their default
	// effect back, so that a second one ends the process at once.
	context.AfterFunc(signaled, func() {
		release()
		stop()
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
