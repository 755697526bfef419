package sftp

import (
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// activity is what a connection has under way, and when its client last gave a sign
// of life.
type activity struct {
	mu sync.Mutex
	// opened has the places in the ledger of the files and directories that are open on
	// all channels. inFlight counts the requests that are not answered.
	opened   []*fairshare.Lease
	inFlight int
	// active is when a byte of SFTP last moved, asked when a keep-alive was sent
	// that is not answered.
	active, asked time.Time
}

// moved notes that bytes of SFTP moved, and how many requests came (or, below 0,
// were answered).
func (a *activity) moved(requests int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.active = time.Now()
	a.inFlight += requests
}

// ask notes when a keep-alive was sent, or with the zero time, that it was answered.
func (a *activity) ask(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = t
}

// open counts one more file or directory with its place, which is given back when there
// are so many.
func (a *activity) open(most int, place *fairshare.Lease) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.opened) >= most {
		place.Release()
		return false
	}
	a.opened = append(a.opened, place)
	return true
}

// close takes back what open counted.
func (a *activity) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	last := len(a.opened) - 1 // they are alike
	a.opened[last].Release()
	a.opened = a.opened[:last]
}

// busy reports whether anything is open or in flight.
func (a *activity) busy() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.opened) > 0 || a.inFlight > 0
}

// timeLeft returns how long it is until the connection is idle, and until its client counts as
// dead. The connection is idle when no byte of SFTP has moved for the time idle and no request
// is unanswered. The client is dead when it has not answered a keep-alive for the time dead and
// no byte of SFTP has moved since: on a slow line the answer may come after these bytes. While
// paused, nothing is read from the client, so it does not count as dead.
func (a *activity) timeLeft(now time.Time, idle, dead time.Duration, paused bool) (untilIdle, untilDead time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inFlight == 0 {
		idle -= now.Sub(a.active)
	}
	if !a.asked.IsZero() && !paused {
		dead -= min(now.Sub(a.asked), now.Sub(a.active))
	}
	return idle, dead
}
