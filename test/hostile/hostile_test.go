package hostile

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/test/launch"
)

// How many connections the hostile user opens, and how many channels on each, which are
// all that it may have. A connection may have 128 handles, and fewer readers and listings.
const (
	connections = 10
	channels    = 10
	// maxLogins is how many connections may be about to log in at once by default.
	maxLogins = 100
	// takeFor is how long the user has to take what it gets. It keeps that until the end.
	takeFor = 20 * time.Second
	// mostMiB is how much more memory the node may take. With the race detector it takes
	// raceFactor times as much.
	mostMiB, raceFactor = 64, 8
	// targetKept is the part of their throughput that others shall keep. Without the race
	// detector the test insists on keptFirst where it comes before other programs
	// (prioritize), and elsewhere on keptBeside, since the two gateways do not get the same.
	targetKept, keptFirst, keptBeside = 0.9, 0.8, 0.6
)

// TestHostileUser takes and holds as much as a user can get of each resource in turn. A second
// gateway, which nobody attacks, runs beside the attacked one. The honest user works at both in
// turns, so that other load of the machine affects both.
func TestHostileUser(t *testing.T) {
	leastKept := keptBeside
	if isPrioritized() {
		leastKept = keptFirst
	}
	most := mostMiB
	if launch.RaceEnabled() {
		most *= raceFactor
	}
	quiet := newSite(t)
	for _, row := range attacks() {
		t.Run(row.name, func(t *testing.T) {
			s := newSite(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if row.port {
				s.honest, quiet.honest = s.overFTP, quiet.overFTP
				defer func() { quiet.honest = quiet.overSFTP }()
			}
			if _, err := compare(s, quiet, 1); err != nil {
				t.Fatal(err)
			}
			before := s.rss()
			check := row.attack(ctx, s)
			during, err := compare(s, quiet, turns)
			if err == nil && !launch.RaceEnabled() && during.ratio < leastKept {
				// Other tests may have had the processors at the wrong moment.
				t.Logf("others keep %.0f %% of their throughput in %d turns", 100*during.ratio, turns)
				during, err = compare(s, quiet, 5*turns)
			}
			if err != nil {
				t.Fatalf("the honest user is refused: %v", err)
			}
			more := during.rss - before
			t.Logf("%-12s the node takes %3d MiB more (at most %d), others keep %3.0f %% of their throughput (target %.0f %%, slowest turn %v), the attack takes %.2f processors",
				row.name, more, most, 100*during.ratio, 100*targetKept, during.slowest.Round(time.Millisecond), during.processors)
			if more > most {
				t.Errorf("the node takes %d MiB more, want at most %d", more, most)
			}
			if !launch.RaceEnabled() && during.ratio < leastKept {
				t.Errorf("others keep %.0f %% of their throughput, want at least %.0f %%", 100*during.ratio, 100*leastKept)
			}
			if check != nil {
				check()
			}
		})
	}
}

// flood opens as many handles as it gets with the request, and uses each: use returns how
// many requests it sent.
func (s *site) flood(ctx context.Context, channels, handles int, request wire.Packet, use func(c *channel, handle string) int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, takeFor)
	defer cancel()
	var group sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for range connections {
		c := s.ssh("mallory")
		for range channels {
			ch := open(s.t, c)
			group.Go(func() {
				for range handles {
					ch.send(append(wire.Packet{}, request...))
				}
				ch.await(ctx, 1+handles)
				ch.mu.Lock()
				opened := ch.handles
				ch.mu.Unlock()
				sent := 0
				for _, handle := range opened {
					sent += use(ch, handle)
				}
				ch.await(ctx, 1+handles+sent)
				mu.Lock()
				got += len(opened)
				mu.Unlock()
			})
		}
	}
	group.Wait()
	s.t.Log(fmt.Sprint(got, " handles of ", connections*channels*handles))
}
