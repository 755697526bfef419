package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
)

// hangups handles two signals that end a process by default: SIGHUP, which requests a
// reload, and SIGPIPE, which a write to a log without a reader causes.
type hangups struct {
	signals chan os.Signal
	cancel  context.CancelFunc
	// ended is closed after the last reload. It is nil before reload is called.
	ended chan struct{}
}

// catchHangups keeps the signals from ending the process until release. A SIGHUP before the
// call of reload is kept for it.
func catchHangups() *hangups {
	// A SIGHUP during a reload requests another one, because files may have changed
	// meanwhile. Further ones have no effect.
	h := &hangups{signals: make(chan os.Signal, 1), cancel: func() {}}
	signal.Notify(h.signals, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE)
	return h
}

// reload calls do at each SIGHUP, one call after the other, until release.
func (h *hangups) reload(do func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	h.cancel, h.ended = cancel, make(chan struct{})
	go func() {
		defer close(h.ended)
		for {
			select {
			case <-h.signals:
				do(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
}

// release restores the default effect of the signals, and waits for the end of a reload.
func (h *hangups) release() {
	signal.Stop(h.signals)
	signal.Reset(syscall.SIGPIPE)
	h.cancel()
	if h.ended != nil {
		<-h.ended
	}
}

// reload reads the configuration again and, if it is correct, makes it the current one.
func reload(ctx context.Context, g *gateway.Gateway, in input, log *slog.Logger) {
	begun := time.Now()
	l := in.loadToServe()
	config.LogDiagnostics(log, l.diags)
	if n := len(l.diags.Errs()); n > 0 {
		log.Error("reload refused, the configuration stays as it was", "config", in.path, "problems", n)
		return
	}
	changes, err := g.Reload(ctx, l.config)
	if err != nil {
		log.Error("reload failed, the configuration stays as it was", "config", in.path, "err", err)
		return
	}
	log.Info("configuration reloaded", "config", in.path, "changed", changes.String(), "dur", time.Since(begun))
	if len(changes.AtStart) > 0 {
		log.Warn("blocks that changed are read at the next start", "blocks", changes.AtStart)
	}
}
