package clients

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

const (
	// ofEach is how many of each client run at once in TestTogether, plain and,
	// where it can, as many with TLS.
	ofEach = 2
	// meetTimeout is how long the first to come waits for the last.
	meetTimeout = 2 * time.Minute
)

// TestTogether lets all clients do the same at the same time, from one address,
// through one passive port: testdata/together/CLIENT.txtar. What each sends is its
// own, so that nothing of one can pass for another's.
func TestTogether(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program and all clients")
	}
	all := clients()
	var tenants []string
	for _, c := range all {
		c.wantInstalled(t)
		for n := range ofEach {
			script := c.name
			if n > 0 {
				script += fmt.Sprintf("#%d", n) // as testscript counts
			}
			for _, tls := range c.modes() {
				tenants = append(tenants, tenantOf(modeOf(tls), script))
			}
		}
	}
	st := azuriteStore(t)
	srv := serve(t, st, tenants)
	everybody := newMeeting(len(tenants))
	t.Run("clients", func(t *testing.T) {
		for _, c := range all {
			var scripts []string
			for range ofEach {
				scripts = append(scripts, filepath.Join("testdata", "together", c.name+".txtar"))
			}
			for _, tls := range c.modes() {
				t.Run(c.name+" "+modeOf(tls), func(t *testing.T) {
					t.Parallel()
					c.run(t, scripts, srv, st, tls, everybody)
				})
			}
		}
	})
	srv.wantNoComplaints(t)
}

// meeting is where scripts wait for each other.
type meeting struct {
	mu     sync.Mutex
	absent int
	whole  chan struct{} // closed when nobody is absent
}

func newMeeting(n int) *meeting { return &meeting{absent: n, whole: make(chan struct{})} }

// cmdMeet waits until all scripts have come to this command.
func (m *meeting) cmdMeet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: meet")
	}
	if m == nil {
		ts.Fatalf("nobody to meet")
	}
	m.mu.Lock()
	m.absent--
	if m.absent == 0 {
		close(m.whole)
	}
	m.mu.Unlock()
	select {
	case <-m.whole:
	case <-time.After(meetTimeout):
		ts.Fatalf("not all scripts came")
	}
}
