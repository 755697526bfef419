package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
)

// endAtSecondSignal ends the process at the second SIGTERM or SIGINT, with a line that says
// what is cut, until the function that it returns is called. The first signal ends ctx.
func endAtSecondSignal(ctx context.Context, log *slog.Logger, g *gateway.Gateway) (release func()) {
	signals, over := make(chan os.Signal, 2), make(chan struct{})
	stopping := ctx.Err() != nil // a signal that comes before Notify is not the second one
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		for {
			select {
			case <-over:
				return
			case s := <-signals:
				if !stopping {
					stopping = true
					continue
				}
				written := make(chan struct{})
				go func() { // it ends with the process
					defer close(written)
					running := g.Running()
					log.Error("ended by a second signal", "signal", s.String(), "sessions", g.Health().Sessions, "transfers", len(running),
						"aborted", running[:min(len(running), namedTransfers)])
				}()
				select {
				case <-written:
				case <-time.After(signalTime): // nobody reads the log
				}
				endBy(s)
			}
		}
	})
	return func() {
		signal.Stop(signals)
		close(over)
		waiting.Wait()
	}
}

// signalTime is how long the process waits for the line to be written, and then for the effect
// of the signal.
const signalTime = time.Second

// namedTransfers is how many transfers the line about a second signal names.
const namedTransfers = 10
