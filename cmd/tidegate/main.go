// Multipath TCP is off, as frontends/listen has it for the ports of clients. The listener
// that ftpserverlib opens for each transfer takes several times as long with it.

//go:debug multipathtcp=0

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
	// effect back, so that a second one ends the process at once; endAtSecondSignal writes
	// a line before that.
	context.AfterFunc(signaled, func() {
		release()
		stop()
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
