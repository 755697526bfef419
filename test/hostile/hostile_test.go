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
	// targetMiB is how much more memory the node shall take at most, and mostMiB what
	// the test insists on. With the race detector it takes raceFactor times as much.
	targetMiB, mostMiB, raceFactor = 64, 96, 8
	// targetKept is the part of their throughput that others shall keep, and leastKept
	// what the test insists on without the race detector: on a machine with other work
	// the two gateways do not get the same.
	targetKept, leastKept = 0.9, 0.6
)

// TestHostileUser holds all that a user gets of one thing after the other. Beside the
// gateway that is attacked runs another one, at which the honest user does the same in
// turns, so that what else the machine does counts for both.
func TestHostileUser(t *testing.T) {
	most := mostMiB
	if launch.RaceEnabled() {
		most *= raceFactor
	}
	quiet := newSite(t)
	for _, row := range []struct {
		name   string
		attack func(ctx context.Context, s *site)
	}{
		{"directories", func(ctx context.Context, s *site) {
			s.flood(ctx, 2, 1, wire.BeginRequest(wire.TypeOpendir, 1).Text("/dir"), func(c *channel, handle string) int {
				c.send(wire.BeginRequest(wire.TypeReaddir, 2).Text(handle))
				return 1
			})
		}},
		{"downloads", func(ctx context.Context, s *site) {
			s.flood(ctx, channels, 13, wire.BeginRequest(wire.TypeOpen, 1).Text("/large").Uint32(wire.OpenRead).Uint32(0), func(c *channel, handle string) int {
				for _, offset := range []uint64{255 << 10, 510 << 10, 32 << 20} {
					c.send(wire.BeginRequest(wire.TypeRead, 2).Text(handle).Uint64(offset).Uint32(1))
				}
				return 3
			})
		}},
		{"uploads", func(ctx context.Context, s *site) {
			s.flood(ctx, channels, 13, wire.BeginRequest(wire.TypeOpen, 1).Text("/up").Uint32(wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate).Uint32(0),
				func(c *channel, handle string) int {
					c.send(wire.BeginRequest(wire.TypeWrite, 2).Text(handle).Uint64(0).Text("x"))
					return 1
				})
		}},
		{"silent connections", func(ctx context.Context, s *site) {
			for range 3 * maxLogins {
				s.dial(ctx)
			}
			s.bob = nil // and has to log in
		}},
		{"hashes", func(ctx context.Context, s *site) {
			for range 10 {
				c := s.ftp("mallory")
				go func() {
					for ctx.Err() == nil {
						if err := c.Send("HASH large"); err != nil {
							return
						}
						if _, err := c.Receive(); err != nil {
							return
						}
					}
				}()
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newSite(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			before, err := compare(s, quiet)
			if err != nil {
				t.Fatal(err)
			}
			row.attack(ctx, s)
			during, err := compare(s, quiet)
			if err != nil {
				t.Fatalf("the honest user is refused: %v", err)
			}
			more, kept := during.rss-before.rss, during.ratio/before.ratio
			t.Logf("%-12s the node takes %3d MiB more (target %d), others keep %3.0f %% of their throughput (target %.0f %%), the attack takes %.2f processors",
				row.name, more, targetMiB, 100*kept, 100*targetKept, during.processors-before.processors)
			if more > most {
				t.Errorf("the node takes %d MiB more, want at most %d", more, most)
			}
			if !launch.RaceEnabled() && kept < leastKept {
				t.Errorf("others keep %.0f %% of their throughput, want at least %.0f %%", 100*kept, 100*leastKept)
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
