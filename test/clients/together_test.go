package clients

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// mostOfEach is how many of each client run at once in TestTogether, plain and,
// where it can, as many with TLS.
const mostOfEach = 2

// ofEach returns how many of each client run at once: mostOfEach, or one on a machine that is slow
// at present. A session waits 15 seconds for the one passive port and then gets a 425, after which
// most clients do not try again.
func ofEach() int {
	if patience.Scale(time.Second) > 2*time.Second {
		return 1
	}
	return mostOfEach
}

// TestTogether lets all clients of a protocol do the same at the same time, from one
// address and over FTP through one passive port: testdata/together/CLIENT.txtar. What each
// sends is its own, so that nothing of one can pass for another's.
func TestTogether(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program and all clients")
	}
	for _, p := range []protocol{overFTP, overSFTP} {
		t.Run(string(p), func(t *testing.T) { testTogether(t, p) })
	}
}

func testTogether(t *testing.T, p protocol) {
	var all []run // one of each client and mode
	for _, c := range clients() {
		if c.protocol != p || c.alone {
			continue
		}
		c.wantInstalled(t)
		c = c.built(t)
		for _, tls := range c.modes() {
			all = append(all, run{client: c, tls: tls})
		}
	}
	var tenants []string
	n := ofEach()
	for _, r := range all {
		tenants = append(tenants, r.tenantsTogether(n)...)
	}
	g := serve(t, stubStore(t), tenants, false)
	everybody := newMeeting(len(tenants))
	t.Run("clients", func(t *testing.T) {
		for _, r := range all {
			t.Run(r.client.name+" "+modeOf(r.tls), func(t *testing.T) {
				t.Parallel()
				r.client.run(t, r.client.together(n), g, r.tls, nil, everybody)
			})
		}
	})
	g.wantNoComplaints(t)
}

// together returns the scripts of a client.
func (c client) together(n int) []string {
	return slices.Repeat([]string{filepath.Join("testdata", "together", c.name+".txtar")}, n)
}

// tenantsTogether returns the tenants of its scripts.
func (r run) tenantsTogether(ofEach int) []string {
	var tenants []string
	for n := range ofEach {
		r.script = r.client.name
		if n > 0 {
			r.script += fmt.Sprintf("#%d", n) // as testscript counts
		}
		tenants = append(tenants, r.tenant())
	}
	return tenants
}

// meeting is where scripts wait for each other.
type meeting struct {
	mu     sync.Mutex
	absent int
	whole  chan struct{} // closed when none is absent
}

func newMeeting(n int) *meeting { return &meeting{absent: n, whole: make(chan struct{})} }

// cmdMeet waits until all scripts have come to this command.
func (m *meeting) cmdMeet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: meet")
	}
	if m == nil {
		ts.Fatalf("there is no meeting")
	}
	m.mu.Lock()
	m.absent--
	if m.absent == 0 {
		close(m.whole)
	}
	m.mu.Unlock()
	select {
	case <-m.whole:
	case <-time.After(2 * patience.Limit()):
		ts.Fatalf("not all scripts came")
	}
}
