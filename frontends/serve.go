package frontends

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Life is how a Server with one listener goes about its connections.
type Life struct {
	Log *slog.Logger
	// Grace is how long sessions may go on after the stop.
	Grace time.Duration
	// Drain is called once, when no more connections are taken.
	Drain func()
	// Session serves one connection to its end. hard ends when the grace
	// period is over; it outlives the context of Serve until then.
	Session func(hard context.Context, c net.Conn)
}

// Serve takes connections from l until ctx ends, and does what Server.Serve
// promises. It closes the listener and waits for every session.
func (o Life) Serve(ctx context.Context, l net.Listener) error {
	hard, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	var sessions sync.WaitGroup
	var running atomic.Int64
	err := o.accept(ctx, l, func(c net.Conn) {
		running.Add(1)
		sessions.Go(func() {
			defer running.Add(-1)
			o.Session(hard, c)
		})
	})

	o.Drain()
	_ = l.Close()
	ended := make(chan struct{})
	go func() {
		sessions.Wait()
		close(ended)
	}()
	grace := time.NewTimer(o.Grace)
	defer grace.Stop()
	progress := time.NewTicker(stopProgress)
	defer progress.Stop()
	for {
		select {
		case <-ended:
			return err
		case <-progress.C:
			o.Log.Info("still running", "sessions", running.Load())
		case <-grace.C:
			o.Log.Warn("grace period is over, ending what still runs", "sessions", running.Load())
			kill()
			<-ended
			return err
		}
	}
}

// stopProgress is how often the log says, during the grace period, how many
// sessions there still are.
const stopProgress = 10 * time.Second

func (o Life) accept(ctx context.Context, l net.Listener, serve func(net.Conn)) error {
	const slowest = time.Second
	var delay time.Duration
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			delay = 0
			serve(c)
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("accept connections: %w", err)
		default:
			delay = min(max(2*delay, 5*time.Millisecond), slowest)
			o.Log.Warn("cannot accept connections", "err", err, "retry", delay)
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(delay):
			}
		}
	}
}
