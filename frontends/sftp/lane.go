package sftp

import (
	"sync"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// lane answers requests one after the other, in the order in which they came,
// beside everything else on its channel. Each handle has one, and what has no
// handle has one for all. It has a goroutine while it has work.
type lane struct {
	s *session
	// serve returns the answer to a request. It may use room for it.
	serve func(r *request, room []byte) []byte
	// whole is true when everything that stands before a CLOSE decides what it
	// does.
	whole bool

	mu      sync.Mutex
	empty   sync.Cond
	queue   []request
	running bool
}

func (l *lane) init(s *session, serve func(r *request, room []byte) []byte) {
	l.s, l.serve = s, serve
	l.empty.L = &l.mu
}

// add lets the lane answer one more request. It waits while too many wait.
func (l *lane) add(r request) {
	l.s.backlog.enter(r.cost())
	l.push(r)
}

// push adds a request that the backlog has room for.
func (l *lane) push(r request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, r)
	if !l.running {
		l.running = true
		l.s.lanes.Go(l.run)
	}
}

// settle waits until all is answered.
func (l *lane) settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.running {
		l.empty.Wait()
	}
}

func (l *lane) run() {
	a := answers{s: l.s}
	for queue := l.next(&a); queue != nil; queue = l.next(&a) {
		for i := range queue {
			l.answer(&queue[i], &a, len(queue)-i)
		}
		a.send()
	}
}

// next returns what has come meanwhile, nil when nothing has: then the lane is
// at rest.
func (l *lane) next(a *answers) []request {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.queue
	l.queue = nil
	if queue == nil {
		a.release()
		l.running = false
		l.empty.Broadcast()
	}
	return queue
}

// answer answers the first of the requests that are waiting.
func (l *lane) answer(r *request, a *answers, waiting int) {
	defer l.s.backlog.leave(r.cost())
	if l.idle(r) {
		l.s.moved(-1)
	} else {
		room := a.room(r, waiting)
		a.add(l.s.guard(r.ID, func() []byte { return l.serve(r, room) }))
		if r.Type != wire.TypeRead {
			a.send()
		}
	}
	if r.commit != nil {
		l.s.commits.end(r.commit)
	}
}

// idle reports whether nobody has any use for what a request would do: the client
// has left without waiting for the answer. A CLOSE says that all of a file was sent,
// so that it is done, and so is what stands before it. An fsync does no more than
// the CLOSE behind it.
func (l *lane) idle(r *request) bool {
	return l.s.looking.Err() != nil && r.Type != wire.TypeClose && (!l.whole || r.Extended == wire.Fsync)
}

// answers collects those to READs that are waiting, so that they leave together.
type answers struct {
	s *session
	// b[:n] are count answers. b is nil while none needs room.
	b        []byte
	n, count int
}

// room returns where the answer to r may be made, nil when it needs none.
func (a *answers) room(r *request, waiting int) []byte {
	n, best := smallBytes, small
	switch {
	case r.Type != wire.TypeRead && r.Type != wire.TypeReaddir:
		return nil
	case r.Type == wire.TypeRead && r.Length > maxData:
		n = wire.DataHead + int(min(r.Length, maxRead))
		if best = large; n > largeBytes {
			best = long
		}
	case waiting > 1:
		best = large
	}
	if len(a.b)-a.n < n {
		a.send()
	}
	if len(a.b) < sizes[best].bytes {
		a.exchange(best)
	}
	// There is less room than is needed when all of the long ones are in use.
	end := min(a.n+n, len(a.b))
	return a.b[a.n:end:end]
}

// exchange takes a buffer of the size for the one that there is, or keeps that when
// there is none to be had.
func (a *answers) exchange(s size) {
	b := a.s.srv.buffers.get(s)
	if b == nil && a.b == nil {
		b = a.s.srv.buffers.get(small)
	}
	if b != nil {
		a.send()
		a.release()
		a.b = b
	}
}

// add takes an answer, which may lie in the room that was returned last. One of
// nothing has been sent already.
func (a *answers) add(p []byte) {
	if len(p) == 0 {
		return
	}
	if len(p) > len(a.b)-a.n {
		a.send()
		_ = a.s.out.send(p, 1)
		return
	}
	if &p[0] != &a.b[a.n] {
		copy(a.b[a.n:], p)
	}
	a.n += len(p)
	a.count++
}

// send sends what was collected.
func (a *answers) send() {
	if a.count > 0 {
		_ = a.s.out.send(a.b[:a.n], a.count)
		a.n, a.count = 0, 0
	}
}

// release gives the buffer back. Nothing is in it.
func (a *answers) release() {
	if a.b != nil {
		a.s.srv.buffers.put(a.b)
		a.b = nil
	}
}

// maxBacklog is how many bytes the requests of a channel may take that wait for
// their turn: no more are read then. It is thousands of READs.
const maxBacklog = 512 << 10

// backlog counts what waits.
type backlog struct {
	mu   sync.Mutex
	less sync.Cond
	used int
}

func (b *backlog) init() { b.less.L = &b.mu }

// enter waits until there is room.
func (b *backlog) enter(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.used > 0 && b.used+n > maxBacklog {
		b.less.Wait()
	}
	b.used += n
}

func (b *backlog) leave(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	b.less.Broadcast()
}
