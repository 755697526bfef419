package ledger

import (
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"
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
	l    *ledger
	stop chan struct{}
	// looked and fetched count what was read from the store and through FTP.
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
		if names := r.l.all(); len(names) > 0 {
			look(names[rand.IntN(len(names))])
		}
	}
}

// direct reads from the store.
func (r *reader) direct(interval time.Duration) {
	r.poll(interval, func(name string) {
		err := r.l.audit(name, func() (content, bool) { return r.store.read(name), true })
		if err != nil {
			r.t.Errorf("in the store: %v", err)
		}
		r.looked.Add(1)
	})
}

// session reads through an FTP session.
func (r *reader) session() {
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
			if s, err = r.dial(r.t.Context(), g, accounts()[0].name, false, nil); err != nil {
				s = nil
				if !g.disturbed() {
					r.t.Errorf("no session to read with: %v", err)
				}
				return
			}
		}
		err := r.l.audit(name, func() (content, bool) { return r.fetch(s, name) })
		if err != nil {
			r.t.Errorf("by RETR: %v", err)
		}
	})
}

// fetch downloads a file. A download that fails tells nothing: the file may not
// be there, or may be replaced meanwhile.
func (r *reader) fetch(s *session, name string) (content, bool) {
	h := sha256.New()
	n, err := s.Get(name, 0, h)
	if err != nil {
		return content{}, false
	}
	r.fetched.Add(1)
	c := content{exists: true, size: int(n)}
	h.Sum(c.sum[:0])
	return c, true
}

// listed returns what NLST tells.
func (r *reader) listed() []string {
	r.t.Helper()
	s, err := r.dial(r.t.Context(), r.current(), accounts()[0].name, false, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	defer s.Close()
	names, err := s.NLST("")
	if err != nil && err != io.EOF {
		r.t.Fatal(err)
	}
	return names
}
