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
	// The first signal asks for a graceful stop. Before that begins, signals
	// get back what they do to every program: the second one ends it at once.
	context.AfterFunc(signaled, func() {
		release()
		stop()
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
