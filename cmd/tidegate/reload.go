package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
)

// hangups handles two signals that end a process by default: SIGHUP, which requests a
// reload, and SIGPIPE, which a write to a log without a reader causes.
type hangups struct {
	signals chan os.Signal
	// requests are those of operators. Each gets the result.
	requests chan reloadRequest
	cancel   context.CancelFunc
	// ended is closed after the last reload. It is nil before reload is called.
	ended chan struct{}
}

// reloadRequest asks for a reload.
type reloadRequest struct {
	done chan<- reloadResult // has room for the result
}

// reloadResult is the end of a reload.
type reloadResult struct {
	changes gateway.Changes
	err     error
}

// catchHangups keeps the signals from ending the process until release. A SIGHUP before the
// call of reload is kept for it.
func catchHangups() *hangups {
	// A SIGHUP during a reload requests another one, because files may have changed
	// meanwhile. Further ones have no effect.
	h := &hangups{signals: make(chan os.Signal, 1), requests: make(chan reloadRequest), cancel: func() {}}
	signal.Notify(h.signals, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE)
	return h
}

// reload calls do at each SIGHUP and each request, and look after each time of every, one call
// after the other, until release.
func (h *hangups) reload(do func(ctx context.Context, cause string) (gateway.Changes, error), look func(ctx context.Context), every func() time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	h.cancel, h.ended = cancel, make(chan struct{})
	go func() {
		defer close(h.ended)
		timer := time.NewTimer(every())
		defer timer.Stop()
		for {
			select {
			case s := <-h.signals:
				cause := "SIGHUP"
				if request, ok := s.(serviceRequest); ok {
					cause = request.String()
				}
				_, _ = do(ctx, cause) // the log has the error
			case r := <-h.requests:
				changes, err := do(ctx, "operator")
				r.done <- reloadResult{changes, err}
			case <-timer.C:
				look(ctx)
				timer.Reset(every())
			case <-ctx.Done():
				return
			}
		}
	}()
}

// serviceRequest takes the place of SIGHUP where the system has none.
type serviceRequest struct{}

// Signal implements os.Signal.
func (serviceRequest) Signal() {}

// String implements os.Signal.
func (serviceRequest) String() string { return "service control" }

// again requests a reload, as SIGHUP does.
func (h *hangups) again() {
	select {
	case h.signals <- serviceRequest{}:
	default: // one is requested already
	}
}

// request asks for a reload and waits for its end.
func (h *hangups) request(ctx context.Context) (gateway.Changes, error) {
	done := make(chan reloadResult, 1)
	select {
	case h.requests <- reloadRequest{done}:
	case <-h.ended:
		return gateway.Changes{}, errors.New("the process is stopping")
	case <-ctx.Done():
		return gateway.Changes{}, ctx.Err()
	}
	select {
	case r := <-done:
		return r.changes, r.err
	case <-ctx.Done():
		return gateway.Changes{}, ctx.Err()
	}
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

// reloader reloads the configuration of a process. Its methods are called by one goroutine.
type reloader struct {
	in      input
	log     *slog.Logger
	level   *slog.LevelVar // of log
	gateway interface {
		Reload(ctx context.Context, c *config.Config) (gateway.Changes, error)
		NoteReload(ctx context.Context, err error, attrs ...slog.Attr)
		ReopenLogs()
	}
	current loaded
	watcher *watcher
	manager *manager
}

// again reads the configuration again and, if it is correct, makes it the current one.
func (r *reloader) again(ctx context.Context, cause string) (gateway.Changes, error) {
	r.manager.reloading()
	// A program that has renamed the files of access logs does not care whether the
	// configuration is correct.
	r.gateway.ReopenLogs()
	return r.reload(ctx, time.Now(), r.in.loadToServe(), slog.String("cause", cause))
}

// look reloads when watched files have changed. When only the users files are watched, the
// sources are not read again: the operator may still be changing them, and requests a reload
// after that.
func (r *reloader) look(ctx context.Context) {
	changed := r.watcher.changed(ctx, r.current.config)
	if changed == nil {
		return
	}
	r.manager.reloading()
	in := r.in
	if r.current.config.Reload.Watch == config.WatchUsers {
		in.sources = r.current.sources
	}
	_, _ = r.reload(ctx, time.Now(), in.loadToServe(), slog.String("cause", "files changed"), slog.Any("files", changed)) // the log has the error
}

// interval is the time until the next look.
func (r *reloader) interval() time.Duration { return r.current.config.Reload.Interval }

// reload makes a configuration the current one, if it is correct. begun is when it began to be
// loaded, cause has attributes for the log.
func (r *reloader) reload(ctx context.Context, begun time.Time, l loaded, cause ...slog.Attr) (gateway.Changes, error) {
	log := slog.New(r.log.Handler().WithAttrs(append(cause, slog.String("config", r.in.path))))
	config.LogDiagnostics(r.log, l.diags)
	if invalid := config.InvalidOf(l.diags); invalid != nil {
		r.watcher.failed()
		r.gateway.NoteReload(ctx, invalid, cause...)
		r.manager.reloaded("reload refused, the log has the problems")
		log.Error("reload refused, the configuration stays as it was", "problems", len(invalid.Problems), "err", invalid)
		return gateway.Changes{}, invalid
	}
	// The files that the frontends read may change from here on.
	next := newWatcher(r.in, l)
	changes, err := r.gateway.Reload(ctx, l.config)
	if err != nil {
		err = fmt.Errorf("%w%s", err, reloadHint(err))
		r.watcher.failed()
		r.gateway.NoteReload(ctx, err, cause...)
		r.manager.reloaded("reload failed, the log has the cause")
		log.Error("reload failed, the configuration stays as it was", "err", err)
		return gateway.Changes{}, err
	}
	r.current, r.watcher = l, next
	r.level.Set(l.config.Log.Level)
	// The audit must have the reload before the log does.
	r.gateway.NoteReload(ctx, nil, append(slices.Clone(cause), slog.String("config_hash", config.Hash(l.sources)), slog.String("changed", changes.String()))...)
	r.manager.reloaded("serving")
	log.Info("configuration reloaded", "config_hash", config.Hash(l.sources), "changed", changes.String(), "dur", time.Since(begun))
	if len(changes.AtStart) > 0 {
		log.Warn("blocks that changed are read at the next start", "blocks", changes.AtStart)
	}
	return changes, nil
}
