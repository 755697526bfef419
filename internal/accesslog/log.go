package accesslog

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/session"
)

const (
	// queued is how many events of a log can wait: about ten megabytes.
	queued = 1 << 14
	// closeTime is how long Close and Reopen wait for an output that neither takes lines nor
	// fails.
	closeTime = 5 * time.Second
)

// Log is one access log, or one audit.
type Log struct {
	o       Options
	log     *slog.Logger
	writer  *writer
	queue   *observe.Queue
	closing chan struct{}
	// reopening is the goroutine of reopen. mu is held while one begins and while closing is
	// closed: none begins afterwards.
	reopening sync.WaitGroup
	mu        sync.Mutex
}

// open opens the output of a log. The caller calls close.
func open(o Options, log *slog.Logger, m *metrics.Registry) (*Log, error) {
	l := &Log{o: o, log: log.With("sink", o.Name), closing: make(chan struct{})}
	var format formatter
	var header func(time.Time) []byte
	switch o.Format {
	case W3C:
		w := newW3C(o.Node)
		format, header = w, w.header
	case Xferlog:
		format = xferlog{}
	case JSON:
		format = &jsonFormat{node: o.Node}
	}
	var out output
	var err error
	switch {
	case o.File != "":
		out, err = openFile(o.File, o.Rotate, header, func(err error) { l.log.Warn("access log not rotated", "err", err) })
	case o.Syslog.Facility != "":
		out, err = openSyslog(o.Syslog, o.Audit, o.Name, o.Node)
	default:
		s := &stream{w: os.Stdout}
		if header != nil {
			s.pending = header(time.Now())
		}
		out = s
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	l.writer = &writer{
		format: format, out: out, log: l.log, closing: l.closing, wake: make(chan struct{}, 1),
		lines: m.Counter(linesTotal, o.Name), failing: m.Gauge(failing, o.Name),
	}
	l.queue = observe.NewQueue(o.Name, l.writer, queued, log, m)
	return l, nil
}

// record queues an event that the log has.
func (l *Log) record(ctx context.Context, e observe.Event) {
	if l.o.has(e) {
		l.queue.Record(ctx, e)
	}
}

// has reports whether the log has lines about an event.
func (o Options) has(e observe.Event) bool {
	switch e.Name {
	case observe.OperationFinished:
		// The line of an FTP command has what the command has looked at.
		return o.Stat || e.Op != "stat" || o.Format == W3C && e.Protocol == "ftp"
	case observe.CommandAnswered, observe.DataChannelOpened, observe.DataChannelClosed:
		return o.Format == W3C
	case observe.SessionStarted:
		return o.Format == W3C
	case observe.SessionEnded:
		return o.Format == W3C || o.Audit && e.User != (session.User{})
	case observe.LoginSucceeded, observe.LoginRefused, observe.LoginNotDecided, observe.CommandRefused:
		return o.Format == W3C || o.Audit
	case observe.SessionRefused:
		// A flood of connections is no act of a user. The log and the metrics have them.
		return false
	}
	return o.Audit
}

// reopen opens the file of the log again. After closeTime it returns even if the output is
// blocked; the file is opened when it is no longer.
func (l *Log) reopen() {
	done := make(chan struct{})
	begun := l.beginReopening(func() {
		defer close(done)
		if err := l.writer.out.reopen(); err != nil {
			l.log.Error("access log not reopened, lines wait", "err", err)
			return
		}
		select {
		case l.writer.wake <- struct{}{}:
		default: // it wakes already
		}
	})
	if !begun {
		return
	}
	late := time.NewTimer(closeTime)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
		l.log.Error("access log is blocked, not reopened yet")
	}
}

// beginReopening runs f on the goroutine of reopen, unless the log is being closed.
func (l *Log) beginReopening(f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closing:
		return false
	default:
		l.reopening.Go(f)
		return true
	}
}

// close writes what waits, and closes the output. What cannot be written at once is lost.
// After closeTime it returns even if the output is blocked, such as by a program that does
// not read the standard output; the goroutine ends with the process then.
func (l *Log) close() {
	l.mu.Lock()
	close(l.closing)
	l.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.queue.Close()
		l.reopening.Wait()
	}()
	late := time.NewTimer(closeTime)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
		l.log.Error("access log is blocked, lines lost")
		return
	}
	if l.writer.lost > 0 {
		l.log.Error("access log could not be written, lines lost", "count", l.writer.lost)
	}
	l.writer.end()
	if err := l.writer.out.close(); err != nil {
		l.log.Error("access log not closed", "err", err)
	}
}
