package sftp

import (
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// What counts as idle and as dead, and when to look again: never later than
// something may be due.
func TestIdleIn(t *testing.T) {
	const idle, dead = 5 * time.Minute, 2 * time.Minute
	now := time.Now()
	for name, test := range map[string]struct {
		loggedOut     bool
		paused        bool
		active, asked time.Duration // ago; asked 0: nothing is asked
		inFlight      int
		wantWait      time.Duration
		wantWhy       string
		idle          time.Duration // 0: as above
	}{
		"fresh":                         {wantWait: dead},
		"silent":                        {active: 4 * time.Minute, wantWait: time.Minute},
		"idle":                          {active: idle, wantWhy: "idle"},
		"a request in flight":           {active: time.Hour, inFlight: 1, wantWait: dead},
		"in flight, asked a moment ago": {active: time.Hour, inFlight: 1, asked: time.Second, wantWait: dead - time.Second},
		"in flight, does not answer":    {active: time.Hour, inFlight: 1, asked: dead, wantWhy: "client is dead"},
		"answer is not read":            {active: time.Hour, inFlight: 1, asked: dead, paused: true, wantWait: dead},
		"does not answer":               {active: 3 * time.Minute, asked: dead, wantWhy: "client is dead"},
		"answer lies behind its data":   {active: time.Second, asked: time.Hour, wantWait: dead - time.Second},
		"not logged in":                 {loggedOut: true, active: time.Hour, wantWait: dead},
		"idle before it could be dead": {
			active: 30 * time.Second, asked: 20 * time.Second, idle: time.Minute, wantWait: 30 * time.Second,
		},
	} {
		o := Options{IdleTimeout: idle, DeadAfter: dead}
		if test.idle > 0 {
			o.IdleTimeout = test.idle
		}
		c := &conn{settings: &settings{Options: o}, raw: &socket{waiting: test.paused}, ssh: &ssh.ServerConn{}, activity: activity{active: now.Add(-test.active), inFlight: test.inFlight}}
		if test.loggedOut {
			c.ssh = nil
		}
		if test.asked > 0 {
			c.activity.asked = now.Add(-test.asked)
		}
		if wait, why := c.idleIn(now); wait != test.wantWait || why != test.wantWhy {
			t.Errorf("%s: %v, %q, want %v, %q", name, wait, why, test.wantWait, test.wantWhy)
		}
	}
}
