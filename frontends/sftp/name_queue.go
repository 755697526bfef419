package sftp

import (
	"sync"

	"github.com/tidegate/tidegate/vfs"
)

// maxLooking is how many requests about names a connection may have at the store at
// once. A client that has asked for many waits for the store a few times, and a
// store of 20 ms answers 1,600 a second.
const maxLooking = 32

// nameQueue answers the requests that are not about a handle: each as soon as its
// turn has come, so that those that only look run side by side.
type nameQueue struct {
	work *work
	// atStore has an element for each request that is being answered, on all channels
	// of the connection.
	atStore chan struct{}
	// home is where relative paths begin.
	home vfs.Path
	// serve returns the answer to a request.
	serve func(r *request) []byte

	mu      sync.Mutex
	empty   sync.Cond
	waiting []request
	// workers are the goroutines that answer.
	workers int
}

func (q *nameQueue) init(w *work, atStore chan struct{}, home vfs.Path, serve func(r *request) []byte) {
	q.work, q.atStore, q.home, q.serve = w, atStore, home, serve
	q.empty.L = &q.mu
}

// add lets the queue answer one more request. It waits while too many wait.
func (q *nameQueue) add(r request) {
	q.work.backlog.enter(r.cost())
	r.parsePaths(q.home)
	r.turn = q.work.order.begin(classOf(&r.Request), r.paths...)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, r)
	if q.workers < maxLooking {
		q.workers++
		q.work.answering.Go(q.run)
	}
}

// settle waits until all is answered.
func (q *nameQueue) settle() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.workers > 0 {
		q.empty.Wait()
	}
}

func (q *nameQueue) run() {
	for r, ok := q.next(); ok; r, ok = q.next() {
		q.answer(&r)
	}
}

// next takes the request that came first. All that it might wait for was taken
// before.
func (q *nameQueue) next() (r request, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.waiting = nil
		q.workers--
		q.empty.Broadcast()
		return request{}, false
	}
	r, q.waiting[0] = q.waiting[0], request{}
	q.waiting = q.waiting[1:]
	return r, true
}

func (q *nameQueue) answer(r *request) {
	w := q.work
	defer w.backlog.leave(r.cost())
	r.turn.await()
	defer w.order.end(r.turn)
	q.atStore <- struct{}{}
	defer func() { <-q.atStore }()
	if w.looking.Err() != nil { // the client does not wait for the answer
		w.moved(-1)
		return
	}
	_ = w.out.send(w.guard(r.ID, func() []byte { return q.serve(r) }), 1)
}
