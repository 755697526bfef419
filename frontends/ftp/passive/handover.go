package passive

import (
	"context"
	"time"
)

// handOver lets the next process have the ports as soon as no reservation holds one. The
// sessions without a transfer are about to end, so only those transfers hold one whose
// connections are on their way. They have Patience for it, as if others waited for the port.
func (p *Plane) handOver(ctx context.Context) {
	begun := time.Now()
	p.mu.Lock()
	p.handing = true
	for _, pe := range p.peers {
		for _, r := range pe.holder {
			r.fire(want)
		}
	}
	p.leave()
	p.mu.Unlock()
	select {
	case <-p.vacant:
	case <-ctx.Done():
		return
	}
	p.mu.Lock()
	for _, port := range p.ports {
		// What has arrived by now was for this process. An error ends the goroutine that
		// serves the port.
		_, _ = p.admit(port)
	}
	p.mu.Unlock()
	p.closePorts()
	p.use.Leave()
	p.o.Log.Info("passive ports handed over", "dur", time.Since(begun))
}

// leave closes vacant if the ports are to be handed over and no reservation holds one.
// Plane.mu is held.
func (p *Plane) leave() {
	if !p.handing || p.left {
		return
	}
	for _, pe := range p.peers {
		if len(pe.holder) > 0 {
			return
		}
	}
	p.left = true
	close(p.vacant)
}
