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
		for _, tls := range c.modes() {
			tenants = append(tenants, tenantsTogether(modeOf(tls), c.name)...)
		}
	}
	st := azuriteStore(t)
	srv := serve(t, st, tenants)
	everybody := newMeeting(len(tenants))
	t.Run("clients", func(t *testing.T) {
		for _, c := range all {
			for _, tls := range c.modes() {
				t.Run(c.name+" "+modeOf(tls), func(t *testing.T) {
					t.Parallel()
					c.run(t, together(c.name), srv, st, tls, everybody)
				})
			}
		}
	})
	srv.wantNoComplaints(t)
}

// TestSFTPTogether is TestTogether for the clients that speak SFTP.
func TestSFTPTogether(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program and all clients")
	}
	all := sftpClients()
	var tenants []string
	for _, c := range all {
		c.wantInstalled(t)
		tenants = append(tenants, tenantsTogether(c.name, c.name)...)
	}
	st := azuriteStore(t)
	srv := serveSFTP(t, st, tenants, false)
	everybody := newMeeting(len(tenants))
	t.Run("clients", func(t *testing.T) {
		for _, c := range all {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.run(t, together(c.name), srv, st, everybody)
			})
		}
	})
	srv.wantNoComplaints(t)
}

// together returns the scripts of a client.
func together(client string) []string {
	var scripts []string
	for range ofEach {
		scripts = append(scripts, filepath.Join("testdata", "together", client+".txtar"))
	}
	return scripts
}

// tenantsTogether returns the tenants of its scripts.
func tenantsTogether(mode, client string) []string {
	var tenants []string
	for n := range ofEach {
		script := client
		if n > 0 {
			script += fmt.Sprintf("#%d", n) // as testscript counts
		}
		tenants = append(tenants, tenantOf(mode, script))
	}
	return tenants
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
