package cluster

import (
	"fmt"
	"path"
	"sync"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// observer is a session on one node that lists what the node shows. It is away
// while its node is disturbed.
type observer struct {
	node int
	mu   sync.Mutex
	c    *ftpclient.Conn // nil: away
}

// call opens the observer's session.
func (l *load) call(w *observer) {
	l.t.Helper()
	c := l.s.pin(w.node, ftpclient.Options{})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.c = c
}

// dismiss ends the observer's session.
func (w *observer) dismiss() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.c != nil {
		_ = w.c.Quit()
		w.c = nil
	}
}

// sees checks that the node's next listing holds the file. It reports false
// without an error when the observer is away, or busy with another file. The
// calling goroutine must be in the clients' namespace.
func (w *observer) sees(file string, size int) (bool, error) {
	if !w.mu.TryLock() {
		return false, nil
	}
	defer w.mu.Unlock()
	if w.c == nil {
		return false, nil
	}
	entries, err := w.c.MLSD(path.Dir(file))
	if err != nil {
		return false, fmt.Errorf("listing on node %d: %w", w.node, err)
	}
	for _, e := range entries {
		if e.Name != path.Base(file) {
			continue
		}
		if e.Size != int64(size) {
			return false, fmt.Errorf("node %d lists %s with %d bytes instead of %d", w.node, file, e.Size, size)
		}
		return true, nil
	}
	return false, fmt.Errorf("node %d does not list %s", w.node, file)
}

// observer checks that what one node has committed is in the next listing of
// another.
func (w *worker) observer(path string, size, node int) {
	first := int(w.listed.Load())
	for i := range w.observers {
		other := w.observers[(first+i)%len(w.observers)]
		if other.node == node {
			continue
		}
		seen, err := other.sees(path, size)
		if err != nil {
			w.t.Errorf("after a receipt of node %d: %v", node, err)
			return
		}
		if seen {
			w.listed.Add(1)
			return
		}
	}
}

// pin opens sessions through the balancer until one is on node.
func (s *site) pin(node int, o ftpclient.Options) (pinned *ftpclient.Conn) {
	s.t.Helper()
	s.poll(fmt.Sprintf("the balancer has sessions for node %d", node), func() error {
		return s.clients.do(func() error {
			talk := newConversation()
			c, err := s.dial(o, talk)
			if err != nil {
				return err
			}
			if talk.node != node {
				_ = c.Quit()
				return fmt.Errorf("node %d", talk.node)
			}
			pinned = c
			return nil
		})
	})
	return pinned
}
