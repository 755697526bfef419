package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// progress collects what a service reports: state, step and the time since its start.
type progress struct {
	begun time.Time
	lines []string
}

func (p *progress) report(now serviceProgress) {
	p.lines = append(p.lines, fmt.Sprintf("%v %v %d", time.Since(p.begun).Round(time.Millisecond), now.state, now.step))
}

// A service reports progress while it starts and stops, runs until it is stopped, and passes
// reloads on when it serves.
func TestServiceLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reloads := 0
		p := &progress{begun: time.Now()}
		life := serviceLife{report: p.report, serve: func(ctx context.Context, ready func(func())) int {
			time.Sleep(7 * time.Second)
			ready(func() { reloads++ })
			<-ctx.Done()
			time.Sleep(11 * time.Second)
			return 3
		}}
		controls := make(chan serviceControl)
		go func() {
			time.Sleep(time.Second)
			controls <- controlReload // too early
			time.Sleep(time.Hour)
			controls <- controlReload
			controls <- controlReport
			controls <- controlStop
			time.Sleep(time.Second)
			controls <- controlStop
		}()
		if exit := life.run(controls); exit != 3 {
			t.Errorf("the exit status is %d", exit)
		}
		want := []string{
			"0s starting 0", "1s starting 0", "5s starting 1", "7s running 0",
			"1h0m1s running 0", "1h0m1s running 0", "1h0m1s stopping 0", "1h0m2s stopping 0", "1h0m5s stopping 1", "1h0m10s stopping 2",
		}
		if !slices.Equal(p.lines, want) {
			t.Errorf("it reports\n%s\nwant\n%s", strings.Join(p.lines, "\n"), strings.Join(want, "\n"))
		}
		if reloads != 1 {
			t.Errorf("%d reloads, want 1", reloads)
		}
	})
}

// A service that fails at its start, or that is stopped before it serves, ends.
func TestServiceLifeEndsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &progress{begun: time.Now()}
		failing := serviceLife{report: p.report, serve: func(context.Context, func(func())) int { return exitUsage }}
		if exit := failing.run(nil); exit != exitUsage {
			t.Errorf("the exit status is %d", exit)
		}
		slow := serviceLife{report: p.report, serve: func(ctx context.Context, ready func(func())) int {
			<-ctx.Done()
			ready(func() {})
			time.Sleep(time.Second)
			return exitOK
		}}
		controls := make(chan serviceControl, 1)
		controls <- controlStop
		if exit := slow.run(controls); exit != exitOK {
			t.Errorf("the exit status is %d", exit)
		}
		if slices.ContainsFunc(p.lines, func(l string) bool { return strings.Contains(l, "running") }) {
			t.Errorf("it reports %q", p.lines)
		}
	})
}
