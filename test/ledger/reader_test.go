package ledger

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ledger"
)

// Readers are paced, so that uploads get most of the machine.
const (
	lookInterval  = 5 * time.Millisecond
	fetchInterval = 25 * time.Millisecond
)

// reader looks at names at any moment, as anybody may.
type reader struct {
	t *testing.T
	*gateway
	l    *ledger.Ledger
	stop chan struct{}
	// looked and fetched count what was read from the store and through sessions.
	looked, fetched atomic.Int64
}

// poll calls look with one name after another until it is stopped.
func (r *reader) poll(interval time.Duration, look func(name string)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-tick.C:
		}
		if names := r.l.Names(); len(names) > 0 {
			look(names[rand.IntN(len(names))])
		}
	}
}

// direct reads from the store.
func (r *reader) direct(interval time.Duration) {
	r.poll(interval, func(name string) {
		err := r.l.Audit(name, r.store.reading(name))
		if err != nil {
			r.t.Errorf("in the store: %v", err)
		}
		r.looked.Add(1)
	})
}

// session reads through a session.
func (r *reader) session(p protocol) {
	var s *session
	defer func() {
		if s != nil {
			s.Close()
		}
	}()
	r.poll(fetchInterval, func(name string) {
		g := r.current()
		if g.disturbed() {
			return
		}
		if s == nil || s.g != g {
			if s != nil {
				s.Close()
			}
			var err error
			if s, err = r.dial(r.t.Context(), g, p, accounts()[0].name, nil); err != nil {
				s = nil
				if !g.disturbed() {
					r.t.Errorf("no session to read with: %v", err)
				}
				return
			}
		}
		err := r.l.Audit(name, func() (ledger.Content, error) { return r.fetch(s, name) })
		if err != nil {
			r.t.Errorf("by %v: %v", p, err)
		}
	})
}

// fetch downloads a file. A download that fails proves nothing: the file may not
// be there, or may be replaced meanwhile.
func (r *reader) fetch(s *session, name string) (ledger.Content, error) {
	b, err := s.fetch(name)
	if err != nil {
		return ledger.Content{}, ledger.ErrUnseen
	}
	r.fetched.Add(1)
	return ledger.Of(b), nil
}

// listed returns the names that clients see.
func (r *reader) listed(p protocol) []string {
	r.t.Helper()
	s, err := r.dial(r.t.Context(), r.current(), p, accounts()[0].name, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	defer s.Close()
	names, err := s.list()
	if err != nil {
		r.t.Fatal(err)
	}
	return names
}
