package sftp

import (
	"context"
	"sync"

	"github.com/tidegate/tidegate/vfs"
)

// work is what the queues of a session share: how requests get their turn, and how
// their answers leave.
type work struct {
	// answering are the goroutines of the queues, and backlog is the bytes of the
	// requests that wait for them.
	answering sync.WaitGroup
	backlog   quota
	order     order
	out       outbox
	buffers   *buffers
	// answers counts the buffers for answers of the connection.
	answers *quota
	// looking ends when the client has closed the channel: answers are of no use any
	// more. What changes something continues under the connection's ctx.
	looking context.Context
	// moved notes that requests came, or below 0, that they need no answer any more.
	moved func(requests int)
	// replied is called with each request, its path and the answer, but for WRITE.
	replied func(r *request, p vfs.Path, reply []byte)
	// panicked is called with what a request has panicked with.
	panicked func(r any)
}

// guard runs do, which answers the request id. A panic is a failure, and ends
// the session alone.
func (w *work) guard(id uint32, do func() []byte) (reply []byte) {
	if !w.contained(func() { reply = do() }) {
		return status(id, vfs.NewError(vfs.KindInternal, nil))
	}
	return reply
}

// contained runs do. A panic ends the session alone.
func (w *work) contained(do func()) (whole bool) {
	defer func() {
		if r := recover(); r != nil {
			w.panicked(r)
		}
	}()
	do()
	return true
}
