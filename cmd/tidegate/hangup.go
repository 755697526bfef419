package main

import (
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// surviveHangups handles two signals that end a process by default: SIGHUP, which
// `systemctl reload`, logrotate and a closing terminal send, and SIGPIPE, which a write to
// a log without a reader causes. restore ends that.
func surviveHangups(log *slog.Logger) (restore func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE)
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-signals:
				log.Warn("SIGHUP: reloading is not supported yet, nothing changed")
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		signal.Reset(syscall.SIGPIPE)
		close(done)
		<-ended
	}
}
