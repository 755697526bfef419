package accesslog

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// Set is the sink of all logs of a configuration. Its methods may be called concurrently.
type Set struct {
	log     *slog.Logger
	metrics *metrics.Registry

	// mu is held for reading while an event is queued, so that no log is closed meanwhile.
	// Queue's locks are taken under it. The elements of logs do not change.
	mu   sync.RWMutex
	logs []*Log
	// dialogue is true while one of the logs has lines about each command.
	dialogue atomic.Bool
}

var _ observe.Dialogue = (*Set)(nil)

// NewSet returns a Set without logs. The caller calls Close.
func NewSet(log *slog.Logger, m *metrics.Registry) *Set { return &Set{log: log, metrics: m} }

// Record implements observe.Sink.
func (s *Set) Record(ctx context.Context, e observe.Event) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, l := range s.logs {
		l.record(ctx, e)
	}
}

// WantsDialogue implements observe.Dialogue.
func (s *Set) WantsDialogue() bool { return s.dialogue.Load() }

// Next is a prepared change of a Set.
type Next struct {
	set          *Set
	logs, opened []*Log
}

// Prepare opens the logs that the Set does not have. Either Apply or Abandon follows. After an
// error nothing has changed.
func (s *Set) Prepare(all []Options) (*Next, error) {
	s.mu.RLock()
	now := s.logs
	s.mu.RUnlock()
	n := &Next{set: s}
	for _, o := range all {
		if i := slices.IndexFunc(now, func(l *Log) bool { return l.o == o }); i >= 0 {
			n.logs = append(n.logs, now[i])
			continue
		}
		l, err := open(o, s.log, s.metrics)
		if err != nil {
			n.Abandon()
			return nil, fmt.Errorf("cannot open %w", err)
		}
		n.logs, n.opened = append(n.logs, l), append(n.opened, l)
	}
	return n, nil
}

// Apply makes the logs the current ones, and closes those that are not among them.
func (n *Next) Apply() {
	n.set.mu.Lock()
	old := n.set.logs
	n.set.logs = n.logs
	n.set.dialogue.Store(slices.ContainsFunc(n.logs, func(l *Log) bool { return l.o.Format == W3C }))
	n.set.mu.Unlock()
	for _, l := range old {
		if !slices.Contains(n.logs, l) {
			l.close()
		}
	}
}

// Abandon closes what Prepare has opened.
func (n *Next) Abandon() {
	for _, l := range n.opened {
		l.close()
	}
}

// Reopen opens all files again, as after another program has renamed them. It does not wait
// longer than closeTime for outputs that are blocked.
func (s *Set) Reopen() {
	s.mu.RLock()
	logs := s.logs
	s.mu.RUnlock()
	var reopening sync.WaitGroup
	for _, l := range logs {
		reopening.Go(l.reopen)
	}
	reopening.Wait()
}

// Close writes what waits and closes all logs. Later events are lost.
func (s *Set) Close() { (&Next{set: s}).Apply() }
