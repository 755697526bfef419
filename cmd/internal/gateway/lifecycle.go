package gateway

import (
	"fmt"
	"sync"
	"time"
)

// State is the state of a Gateway; doc.go has the diagram.
type State uint8

// The states.
const (
	Starting State = iota
	Serving
	Draining
	Stopped
	// Hung: a part of the gateway does not end. The process must exit.
	Hung
)

// String returns the state in one word.
func (s State) String() string {
	return [...]string{"starting", "serving", "draining", "stopped", "hung"}[s]
}

// step is an event that changes the state.
type step uint8

const (
	served step = iota // all frontends serve
	stop               // the context has ended, or a frontend has failed
	ended              // everything has ended
	gaveUp             // a part does not end in time
)

// lifecycle is the state of a Gateway. Its methods may be called concurrently.
type lifecycle struct {
	// stopping is closed when the gateway neither serves nor will.
	stopping chan struct{}

	mu    sync.Mutex
	state State
	since time.Time
}

func newLifecycle() *lifecycle {
	return &lifecycle{stopping: make(chan struct{}), since: time.Now()}
}

// on is the only transition of the state. It panics for a step that is not possible in the
// state, which is a bug.
func (l *lifecycle) on(s step) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var next State
	switch {
	case l.state == Starting && s == served:
		next = Serving
	case l.state == Serving && s == stop:
		next = Draining
	case l.state == Draining && s == ended, l.state == Starting && s == ended:
		next = Stopped
	case l.state == Draining && s == gaveUp:
		next = Hung
	default:
		panic(fmt.Sprintf("gateway: step %d while %v", s, l.state))
	}
	if l.state <= Serving && next > Serving {
		close(l.stopping)
	}
	l.state, l.since = next, time.Now()
}

func (l *lifecycle) now() (State, time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state, l.since
}

// Health is the condition of a Gateway at one moment.
type Health struct {
	State State
	// Since is when the State began.
	Since time.Time
	// Sessions counts the live sessions of all frontends, logged in or not.
	Sessions int
	// Generations counts the generations with open backends: the current one, and those
	// that sessions still hold.
	Generations int
}

// Ready reports whether new sessions are served. It is the answer to a load balancer.
func (h Health) Ready() bool { return h.State == Serving }
