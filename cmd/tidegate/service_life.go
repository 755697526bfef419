package main

import (
	"context"
	"time"
)

// serviceState is the state of a service.
type serviceState uint8

// The states. A service that has ended has none.
const (
	serviceStarting serviceState = iota
	serviceRunning
	serviceStopping
)

// String returns the state as tidegate service status shows it.
func (s serviceState) String() string { return [...]string{"starting", "running", "stopping"}[s] }

// serviceControl is what the system wants of a service.
type serviceControl uint8

// The controls.
const (
	controlReport serviceControl = iota // tell the status again
	controlReload
	controlStop
)

// serviceProgress is what a service tells the system.
type serviceProgress struct {
	state serviceState
	// step grows while the state lasts: the service has not hung.
	step uint32
	// within is when the next step comes at the latest, 0 for never.
	within time.Duration
}

// progressInterval is the time between two steps. The system waits for twice as long.
const progressInterval = 5 * time.Second

// serviceLife is the life of a service, from its start to its end:
//
//	starting ── it serves ──▶ running ── controlStop ──▶ stopping ── serve returns ──▶ (ended)
//	    └── controlStop ─────────────────────────────────────▲
//
// From every state, it ends when serve returns.
type serviceLife struct {
	// serve serves until ctx ends and returns the exit status. It calls ready with a function
	// that requests a reload, when it serves.
	serve func(ctx context.Context, ready func(reload func())) int
	// report tells the system.
	report func(serviceProgress)
}

// run runs the service and returns its exit status.
func (l serviceLife) run(controls <-chan serviceControl) int {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ready := make(chan func(), 1)
	ended := make(chan int)
	go func() { ended <- l.serve(ctx, func(reload func()) { ready <- reload }) }()

	now := serviceProgress{within: 2 * progressInterval}
	l.report(now)
	ticker := time.NewTicker(progressInterval)
	defer ticker.Stop()
	reload := func() {}
	for {
		select {
		case exit := <-ended:
			return exit
		case reload = <-ready:
			if now.state == serviceStopping {
				continue
			}
			now = serviceProgress{state: serviceRunning}
		case c := <-controls:
			switch c {
			case controlReport:
			case controlReload:
				reload()
			case controlStop:
				if now.state != serviceStopping {
					now = serviceProgress{state: serviceStopping, within: 2 * progressInterval}
				}
				stop()
			}
		case <-ticker.C:
			if now.within == 0 {
				continue
			}
			now.step++
		}
		l.report(now)
	}
}
