package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
)

// manager tells systemd what the process does (sd_notify). Where another program has started
// it, its methods do nothing.
type manager struct {
	log *slog.Logger
	// interval is how often systemd wants to hear that the process works, 0 for never.
	interval time.Duration
	// over is closed at the end. running has the goroutines that end then.
	over    chan struct{}
	running sync.WaitGroup
}

// exitTime is how long the process may take to exit after the gateway has ended.
const exitTime = 5 * time.Second

func newManager(log *slog.Logger) *manager {
	m := &manager{log: log, over: make(chan struct{})}
	var err error
	if m.interval, err = daemon.SdWatchdogEnabled(false); err != nil {
		log.Warn("cannot notify the service manager", "err", err)
	}
	return m
}

// tell sends lines to systemd.
func (m *manager) tell(lines ...string) {
	if _, err := daemon.SdNotify(false, strings.Join(lines, "\n")); err != nil {
		m.log.Warn("cannot notify the service manager", "err", err)
	}
}

// follow says that clients are served, and later that ctx has ended, which stops g. Until
// wait is called, it also says regularly that g works.
func (m *manager) follow(ctx context.Context, g *gateway.Gateway) {
	m.tell(daemon.SdNotifyReady, "STATUS=serving")
	m.running.Go(func() {
		select {
		case <-ctx.Done():
			m.tell(daemon.SdNotifyStopping, "STATUS=stopping, running transfers continue",
				fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", (g.StopTime()+exitTime).Microseconds()))
		case <-m.over:
		}
	})
	if m.interval > 0 {
		m.running.Go(func() { m.watch(g.Health) })
	}
}

// wait ends what follow has begun.
func (m *manager) wait() {
	close(m.over)
	m.running.Wait()
}

// replaced says that another process serves now.
func (m *manager) replaced(pid int) { m.tell(fmt.Sprintf("MAINPID=%d", pid), "STATUS=serving") }

// reloading says that the configuration is read again, until reloaded is called.
func (m *manager) reloading() {
	m.tell(daemon.SdNotifyReloading, strings.TrimSpace(daemon.SdNotifyMonotonicUsec()))
}

// reloaded says how that has ended.
func (m *manager) reloaded(result string) { m.tell(daemon.SdNotifyReady, "STATUS="+result) }

// watch says regularly that the process works: it answers when it is asked for its health,
// and no part of it has been found to hang.
func (m *manager) watch(health func() gateway.Health) {
	ticker := time.NewTicker(m.interval / 2)
	defer ticker.Stop()
	for {
		select {
		case <-m.over:
			return
		case <-ticker.C:
			if health().State != gateway.Hung {
				m.tell(daemon.SdNotifyWatchdog)
			}
		}
	}
}
