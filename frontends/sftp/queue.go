package sftp

import (
	"sync"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// queue answers the requests on one handle, one after the other, in the order in
// which they came, beside everything else on its channel. It has a goroutine while
// it has work.
type queue struct {
	work *work
	// path is that of the handle.
	path vfs.Path
	// upload is true for a file that is being written: all requests before a CLOSE decide
	// what the CLOSE does.
	upload bool
	// serve returns the answer to a request. It may use room for it.
	serve func(r *request, room []byte) []byte

	mu      sync.Mutex
	empty   sync.Cond
	waiting []request
	running bool
}

func (q *queue) init(w *work, p vfs.Path, serve func(r *request, room []byte) []byte) {
	q.work, q.path, q.serve = w, p, serve
	q.empty.L = &q.mu
}

// add lets the queue answer one more request. It waits while too many wait. Only then
// does the request take its place in the order: no request that has room waits for one
// that has none.
func (q *queue) add(r request) {
	q.work.backlog.enter(r.cost())
	if changesFile(&r.Request, q.upload) {
		r.turn = q.work.order.begin(fileChange, q.path)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, r)
	if !q.running {
		q.running = true
		q.work.answering.Go(q.run)
	}
}

// settle waits until all is answered.
func (q *queue) settle() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.running {
		q.empty.Wait()
	}
}

func (q *queue) run() {
	a := answers{work: q.work}
	for batch := q.next(&a); batch != nil; batch = q.next(&a) {
		for i := range batch {
			q.answer(&batch[i], &a, len(batch)-i)
		}
		a.send()
	}
}

// next returns the requests that have come since the last call. When there are none it
// returns nil, and the goroutine of the queue ends.
func (q *queue) next(a *answers) []request {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.waiting
	q.waiting = nil
	if batch == nil {
		a.release()
		q.running = false
		q.empty.Broadcast()
	}
	return batch
}

// answer answers the first of the requests that are waiting.
func (q *queue) answer(r *request, a *answers, waiting int) {
	defer q.work.backlog.leave(r.cost())
	if r.turn != nil {
		select {
		case <-r.turn.ready:
		default:
			a.send() // nothing waits for an answer that is there
			a.release()
			<-r.turn.ready
		}
		defer q.work.order.end(r.turn)
	}
	if q.unwanted(r) {
		q.work.moved(-1)
		return
	}
	room := a.room(r, waiting)
	reply := q.work.guard(r.ID, func() []byte { return q.serve(r, room) })
	q.work.replied(r, q.path, reply)
	a.add(reply)
	if r.Type != wire.TypeRead {
		a.send()
	}
}

// unwanted reports whether what a request would do is of no use any more: the
// client has left without waiting for the answer. A CLOSE means that all of a file was
// sent, so it is executed, and so are the requests before it. An fsync is not, because the
// CLOSE behind it commits the same bytes.
func (q *queue) unwanted(r *request) bool {
	return q.work.looking.Err() != nil && r.Type != wire.TypeClose && (!q.upload || r.Extended == wire.Fsync)
}

// answers collects those to READs that are waiting, so that they leave together.
type answers struct {
	work *work
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
		a.sendBefore(true)
	}
	if len(a.b) < sizes[best].bytes {
		a.exchange(best)
	}
	// There is less room than is needed when all of the long ones are in use.
	end := min(a.n+n, len(a.b))
	return a.b[a.n:end:end]
}

// exchange replaces the buffer with one of the size, or keeps it when none is free. The
// first exchange waits while the connection holds as many buffers as it may. A request
// that waits for its turn has released its buffer; only those that wait for a reader, a
// listing or the client hold one. So no request waits for a buffer that it holds up itself.
func (a *answers) exchange(s size) {
	if a.b == nil {
		a.work.answers.enter(1)
	}
	b := a.work.buffers.get(s)
	if b == nil && a.b == nil {
		b = a.work.buffers.get(small)
	}
	if b == nil {
		return
	}
	a.send()
	if a.b != nil {
		a.work.buffers.put(a.b)
	}
	a.b = b
}

// add takes an answer, which may lie in the room that was returned last. An
// empty answer has been sent already.
func (a *answers) add(p []byte) {
	if len(p) == 0 {
		return
	}
	if len(p) > len(a.b)-a.n {
		a.send()
		_ = a.work.out.send(p, 1)
		return
	}
	if &p[0] != &a.b[a.n] {
		copy(a.b[a.n:], p)
	}
	a.n += len(p)
	a.count++
}

// send sends what was collected.
func (a *answers) send() { a.sendBefore(false) }

// sendBefore is send. more is true when another answer follows at once.
func (a *answers) sendBefore(more bool) {
	if a.count > 0 {
		_ = a.work.out.sendBefore(a.b[:a.n], a.count, more)
		a.n, a.count = 0, 0
	}
}

// release gives the buffer back. Nothing is in it.
func (a *answers) release() {
	if a.b != nil {
		a.work.buffers.put(a.b)
		a.b = nil
		a.work.answers.leave(1)
	}
}
