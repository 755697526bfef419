package data

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/netip"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/imds"
)

// How often Azure is asked: again after a failure, ever later, and from time to
// time afterwards, because rules change.
const (
	soonestQuestion = time.Second
	latestQuestion  = time.Minute
	refreshInterval = 5 * time.Minute
)

// discovery keeps what Azure says of the passive ports. It asks in the background: a
// machine that was just made may have to wait for an answer.
type discovery struct {
	client *imds.Client
	log    *slog.Logger
	ports  []int
	// needsPort is true when a public address alone is not enough.
	needsPort bool

	mu sync.Mutex
	// reached has the last answer for each local port.
	reached map[int]netip.AddrPort
}

func (d *discovery) lookUp(local int) (netip.AddrPort, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	reached, ok := d.reached[local]
	return reached, ok
}

// run asks until ctx ends. An answer stays valid when Azure does not answer again.
func (d *discovery) run(ctx context.Context) {
	pause := soonestQuestion
	for {
		err := d.learn(ctx)
		next := refreshInterval
		if err != nil {
			next, pause = pause, min(2*pause, latestQuestion)
			if ctx.Err() == nil {
				d.log.Warn("cannot learn from Azure how clients reach the passive ports", "err", err, "retry", next)
			}
		} else {
			pause = soonestQuestion
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(next):
		}
	}
}

// learn asks for all ports, and keeps the answers when it has them all.
func (d *discovery) learn(ctx context.Context) error {
	reached := map[int]netip.AddrPort{}
	for _, local := range d.ports {
		answer, err := d.client.Inbound(ctx, local)
		if errors.Is(err, imds.ErrUnknown) && !d.needsPort {
			var addr netip.Addr
			addr, err = d.client.PublicIPv4(ctx)
			answer = netip.AddrPortFrom(addr, uint16(local))
		}
		if err != nil {
			return err
		}
		reached[local] = answer
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !maps.Equal(d.reached, reached) {
		for local, answer := range reached {
			d.log.Info("clients reach a passive port", "port", local, "through", answer.String())
		}
	}
	d.reached = reached
	return nil
}
