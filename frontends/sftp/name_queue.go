package sftp

import (
	"sync"

	"github.com/tidegate/tidegate/vfs"
)

// nameQueue answers the requests that are not about a handle: each as soon as its
// turn has come, so that those that only look run side by side.
type nameQueue struct {
	work *work
	// looking counts the workers of all channels of the connection, but for the first
	// one of a channel where there may be no more.
	looking *quota
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

func (q *nameQueue) init(w *work, looking *quota, home vfs.Path, serve func(r *request) []byte) {
	q.work, q.looking, q.home, q.serve = w, looking, home, serve
	q.empty.L = &q.mu
}

// add lets the queue answer one more request. It waits while too many wait.
func (q *nameQueue) add(r request) {
	r.parsePaths(q.home)
	q.work.backlog.enter(r.cost())
	r.turn = q.work.order.begin(classOf(&r.Request), r.paths...)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, r)
	q.hire()
}

// hire starts one more worker if there may be one. mu is held.
func (q *nameQueue) hire() {
	counted := q.looking.tryEnter(1)
	if !counted && q.workers > 0 {
		return
	}
	q.workers++
	q.work.answering.Go(func() {
		q.run()
		if counted {
			q.looking.leave(1)
		}
	})
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
	if q.waiting = q.waiting[1:]; len(q.waiting) > 0 {
		q.hire() // others may have ended since the last request came
	}
	return r, true
}

func (q *nameQueue) answer(r *request) {
	w := q.work
	defer w.backlog.leave(r.cost())
	r.turn.await()
	defer w.order.end(r.turn)
	if w.looking.Err() != nil { // the client does not wait for the answer
		w.moved(-1)
		return
	}
	reply := w.guard(r.ID, func() []byte { return q.serve(r) })
	var p vfs.Path
	if len(r.paths) > 0 {
		p = r.paths[0]
	}
	w.replied(r, p, reply)
	_ = w.out.send(reply, 1)
}
