package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// The reasons for which events are dropped.
const (
	bufferFull = "buffer_full"
	expired    = "expired"
	isGone     = "gone"
	atStop     = "stopped"
)

// endpoint sends events to one receiver. Its methods may be called concurrently.
type endpoint struct {
	name    string
	log     *slog.Logger
	reports *reports
	metrics endpointMetrics

	// wake has an element when the queue must be looked at.
	wake chan struct{}
	// life ends the attempts. running has run and the attempts.
	life    context.Context
	end     context.CancelFunc
	running sync.WaitGroup

	// memory has what the events in the queue take.
	memory *memory.Lease

	mu sync.Mutex
	// most is how many bytes of memory the events may take.
	most     int64
	settings Settings
	sender   Sender
	order    *order
	// sending is how many attempts run.
	sending int
	// closed: no event is accepted any more. gone: the receiver wants none.
	closed, gone bool
	pauses       pauses
	// trouble is the last failure of events that are still in the queue.
	trouble trouble
}

// newEndpoint returns an endpoint whose run has begun. The caller calls close.
func newEndpoint(s Spec, log *slog.Logger, m *metrics.Registry, part *memory.Part) *endpoint {
	p := &endpoint{
		name: s.Name, log: log.With("endpoint", s.Name), metrics: newEndpointMetrics(m, s.Name),
		wake: make(chan struct{}, 1), memory: part.Open(), most: part.Most(), settings: s.Settings, sender: s.Sender, order: newOrder(),
	}
	p.reports = newReports(p.log)
	p.life, p.end = context.WithCancel(context.Background())
	p.running.Go(p.run)
	return p
}

// change gives the endpoint other settings and another sender, which also apply to the events in
// the queue. same says that no value has changed: then a receiver that is gone stays gone.
func (p *endpoint) change(s Spec, same bool) {
	p.mu.Lock()
	old := p.sender
	p.settings, p.sender = s.Settings, s.Sender
	if !same {
		p.gone, p.pauses, p.trouble = false, pauses{}, trouble{}
		p.order.restart()
	}
	p.mu.Unlock()
	old.Close()
	p.look()
}

// limit sets how many bytes of memory the events in the queue may take. Those that are there
// stay.
func (p *endpoint) limit(most int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.most = most
}

// look makes run look at the queue.
func (p *endpoint) look() {
	select {
	case p.wake <- struct{}{}:
	default: // it will
	}
}

// accept queues an event, and returns how long the reply to the client may wait for it, 0 if it
// does not wait. If the event is dropped instead, the entry has the reason, and its result is
// closed.
func (p *endpoint) accept(c *change, body []byte, now time.Time) (*entry, time.Duration) {
	p.mu.Lock()
	s := &p.settings
	wait := s.Wait
	if s.Delivery != BeforeReply {
		wait = 0
	}
	e := &entry{id: c.ID, body: body, path: c.Data.Path, session: c.Data.Session, accepted: now, result: make(chan struct{})}
	reason, look := "", false
	switch {
	case p.gone:
		reason = isGone
	case p.closed:
		reason = atStop
	case p.order.len() >= s.Buffer, p.order.bytes() >= p.most:
		reason = bufferFull
	default:
		p.order.add(e, c.at)
		p.count()
		look = p.mustLook(e)
	}
	p.mu.Unlock()
	if reason != "" {
		e.dropped = reason
		close(e.result)
		p.noteLost(reason, e.id)
		return e, wait
	}
	if look {
		p.look()
	}
	return e, wait
}

// mustLook reports whether run must look at the queue because of an event that was added. It need
// not when the event waits for another one, or when it joins other events and run has a timer for
// the end of their gathering. mu must be held.
func (p *endpoint) mustLook(e *entry) bool {
	if e.blockers > 0 {
		return false
	}
	n, most := p.order.ready.len(), p.settings.Batch.Events
	return n == 1 || most == 0 || n%most == 0
}

// noteLost counts and logs an event that was dropped.
func (p *endpoint) noteLost(reason, id string) {
	p.metrics.lost[reason].Add(1)
	p.reports.eventLost(reason, id)
}

// noteLate counts and logs a reply that was sent before the receiver had the event.
func (p *endpoint) noteLate(e *entry, why string) {
	p.metrics.late.Add(1)
	p.reports.eventLate(e, why)
}

// noteResult counts a reply that has waited for an event that was dropped, which has a line of
// its own.
func (p *endpoint) noteResult(e *entry) {
	if e.dropped != "" {
		p.metrics.late.Add(1)
	}
}

// run sends the events until the endpoint is closed and its queue is empty, or life ends.
func (p *endpoint) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-p.wake:
		case <-timer.C:
		case <-p.life.Done():
			return
		}
		next, over := p.step(time.Now())
		if over {
			return
		}
		timer.Reset(next)
	}
}

// idle is how long run sleeps when nothing is due.
const idle = time.Hour

// step begins the attempts that can begin now. It returns the time until something is due again,
// and whether run can end.
func (p *endpoint) step(now time.Time) (next time.Duration, over bool) {
	p.mu.Lock()
	old := p.expire(now)
	p.order.wake(now)
	limit := p.settings.MaxRequests
	if p.pauses.failures > 0 {
		limit = 1 // until the receiver accepts one
	}
	for p.pauses.left(now) <= 0 && p.sending < limit {
		b := p.next(now)
		if b == nil {
			break
		}
		p.sending++
		sender, timeout := p.sender, p.settings.Timeout
		p.running.Go(func() { p.attempt(sender, timeout, b, now) })
	}
	next, over = p.nextStep(now), p.closed && p.order.len() == 0
	p.mu.Unlock()
	for _, e := range old {
		p.noteLost(expired, e.id)
	}
	return next, over
}

// next takes what is to be sent now, nil for nothing. mu must be held.
func (p *endpoint) next(now time.Time) *batch {
	if left, some := p.gathering(now); some && left <= 0 {
		return p.order.gather(p.settings.Batch.Events)
	}
	return p.order.retry()
}

// gathering returns how long the events that are ready still wait for others, and whether there
// are any. mu must be held.
func (p *endpoint) gathering(now time.Time) (left time.Duration, some bool) {
	switch n := p.order.ready.len(); {
	case n == 0:
		return 0, false
	case p.closed, n >= p.settings.Batch.Events:
		return 0, true
	}
	return p.order.ready.first().accepted.Add(p.settings.batchWait()).Sub(now), true
}

// nextStep returns how long nothing is due. mu must be held.
func (p *endpoint) nextStep(now time.Time) time.Duration {
	next := idle
	if due, ok := p.order.due(); ok {
		next = due.Sub(now)
	}
	left, some := p.gathering(now)
	if some {
		next = min(next, left)
	}
	waits := some && left <= 0 || p.order.again.len() > 0
	if waits {
		next = idle // the end of an attempt or of the pause comes first
	}
	if pause := p.pauses.left(now); pause > 0 && (waits || next < pause) {
		next = pause
	}
	if first := p.order.all.Front(); first != nil {
		next = min(next, max(first.Value.(*entry).accepted.Add(p.settings.RetryFor).Sub(now), firstDelay))
	}
	return next
}

// expire drops the events that are too old, and returns them. mu must be held.
func (p *endpoint) expire(now time.Time) (old []*entry) {
	for element := p.order.all.Front(); element != nil; {
		e := element.Value.(*entry)
		element = element.Next()
		if now.Before(e.accepted.Add(p.settings.RetryFor)) {
			break
		}
		if !e.sending() && e.blockers == 0 {
			p.lose(e, expired)
			old = append(old, e)
		}
	}
	p.count()
	return old
}

// lose drops an event that is not being sent. mu must be held, and count follows.
func (p *endpoint) lose(e *entry, reason string) {
	p.order.remove(e)
	e.dropped = reason
	close(e.result)
}

// count notes that events have come or left: how many there are, and how much memory they have.
// mu must be held.
func (p *endpoint) count() {
	if p.order.failed == 0 && !p.gone {
		p.trouble = trouble{}
	}
	p.metrics.queue.Set(int64(p.order.len()))
	switch more := p.order.bytes() - p.memory.Held(); {
	case more > 0:
		p.memory.Take(more)
	case more < 0:
		p.memory.Release(-more)
	}
}

// attempt sends a batch once.
func (p *endpoint) attempt(sender Sender, timeout time.Duration, b *batch, begun time.Time) {
	ctx, cancel := context.WithTimeout(p.life, timeout)
	err := sender.Send(ctx, b.message())
	cancel()
	now := time.Now()
	p.metrics.requests.Observe(now.Sub(begun).Seconds())
	if err == nil {
		p.delivered(b, now)
	} else {
		p.metrics.failed.Add(1)
		p.failed(b, err, begun, now)
	}
	p.look()
}

// delivered notes that the receiver has the events of a batch.
func (p *endpoint) delivered(b *batch, now time.Time) {
	p.mu.Lock()
	p.sending--
	p.order.delivered(b)
	for _, e := range b.events {
		close(e.result)
	}
	p.count()
	before := p.pauses
	p.pauses = pauses{}
	p.mu.Unlock()
	p.metrics.delivered.Add(int64(len(b.events)))
	for _, e := range b.events {
		p.metrics.duration.Observe(now.Sub(e.accepted).Seconds())
	}
	if before.failures > 0 {
		p.log.Info("event receiver accepts events again", "dur", now.Sub(before.since))
	}
}

// failed notes an attempt that began at a time and has failed now.
func (p *endpoint) failed(b *batch, err error, begun, now time.Time) {
	refusal, answered := err.(*Failure) //nolint:errorlint // a Sender does not wrap it
	if !answered {
		refusal = &Failure{Err: err, Busy: true}
	}
	p.mu.Lock()
	p.sending--
	b.sending = false
	p.trouble.add(err, now)
	switch {
	case p.life.Err() != nil: // it is dropped with all others
		p.mu.Unlock()
	case refusal.Gone || p.gone:
		first := !p.gone
		p.gone = true
		lost := p.drop(isGone)
		p.mu.Unlock()
		if first {
			p.log.Error("event receiver gone", "err", err, "lost", len(lost))
		}
		p.metrics.lost[isGone].Add(int64(len(lost)))
	default:
		first := refusal.Busy && p.pauses.add(refusal.After, begun, now)
		p.again(b, refusal.Busy, now)
		p.mu.Unlock()
		if first {
			p.log.Warn("event receiver not available", "err", err)
		}
		if !refusal.Busy {
			p.reports.eventRefused(b, err)
		}
	}
}

// again has a failed batch sent again. When the receiver has refused the batch and is not busy,
// the batch becomes two. So an event that the receiver cannot accept does not delay others for
// long, and a batch that is too large for the receiver becomes small enough. mu must be held.
func (p *endpoint) again(b *batch, busy bool, now time.Time) {
	switch most := p.settings.Batch.Events; {
	case b.array != (most > 0) || len(b.events) > max(most, 1): // a reload has changed it
		p.order.noteFailed(b)
		p.order.dissolve(b)
	case busy || len(b.events) == 1:
		p.order.delay(b, now.Add(jitter(backoff(b.attempts+1, maxDelay))))
	default:
		p.order.split(b, now.Add(jitter(firstDelay)))
	}
}

// drop drops all events that are not being sent, and returns them. mu must be held.
func (p *endpoint) drop(reason string) (all []*entry) {
	for element := p.order.all.Front(); element != nil; {
		e := element.Value.(*entry)
		element = element.Next()
		if !e.sending() {
			p.lose(e, reason)
			all = append(all, e)
		}
	}
	p.count()
	return all
}

// close accepts no more events and sends those in the queue until ctx ends. Then it drops
// the others.
func (p *endpoint) close(ctx context.Context) {
	p.mu.Lock()
	p.closed = true
	// There may be no time for the next attempt, so what has failed gets one now.
	p.order.wakeAll()
	p.pauses.until = time.Time{}
	queued := p.order.len()
	p.mu.Unlock()
	if until, ok := ctx.Deadline(); ok && queued > 0 {
		p.log.Info("delivering the last events", "count", queued, "at_most", time.Until(until))
	}
	p.look()
	stop := context.AfterFunc(ctx, p.end)
	p.running.Wait()
	stop()
	p.end()
	p.mu.Lock()
	lost := p.drop(atStop)
	sender := p.sender
	p.mu.Unlock()
	if len(lost) > 0 {
		p.metrics.lost[atStop].Add(int64(len(lost)))
		p.reports.logLost(atStop, len(lost), lost[len(lost)-1].id)
	}
	p.memory.Close()
	sender.Close()
	p.reports.close()
}
