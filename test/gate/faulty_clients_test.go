package gate

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// neighbours is a row: honest sessions beside faulty clients.
type neighbours struct {
	name string
	protection
	gate   ftp.PassiveOptions
	faulty int
	acts   int
	act    fault
}

func (n neighbours) test(t *testing.T) tally {
	t.Helper()
	s := open(t, n.protection, n.gate)
	var faulty []func(context.Context) error
	var faults atomic.Int64
	for id := range n.faulty {
		r := &faultyClient{site: s, acts: n.acts, act: n.act, id: id, faults: &faults}
		faulty = append(faulty, r.run)
	}
	got := run(t, s, traffic{sessions: 20, uploads: 1, downloads: 1, retries: 30}, faulty...)
	if faults.Load() == 0 {
		t.Error("no faulty client succeeded: the row shows nothing")
	}
	return got
}

var (
	plain       = protection{"plain", ftpclient.Plain, noCache, ftp.ReusePrefer}
	secure      = protection{"TLS", ftpclient.Explicit, ownCache, ftp.ReusePrefer}
	sharing     = protection{"TLS with a shared cache", ftpclient.Explicit, sharedCache, ftp.ReusePrefer}
	preferring  = protection{"TLS with resumption", ftpclient.Explicit, ownCache, ftp.ReusePrefer}
	proving     = protection{"TLS with resumption required", ftpclient.Explicit, ownCache, ftp.ReuseRequire}
	protections = []protection{plain, secure, sharing, preferring, proving}
)

// The times of the gate are as short as possible, but long enough for honest sessions to connect
// in time at the present load of the machine.
var (
	patient   = ftp.PassiveOptions{Quarantine: patience.Scale(100 * time.Millisecond)}
	impatient = ftp.PassiveOptions{Patience: patience.Scale(time.Second), Quarantine: patience.Scale(500 * time.Millisecond)}
	crowded   = ftp.PassiveOptions{
		MaxHold: patience.Scale(time.Second), Patience: patience.Scale(700 * time.Millisecond), Quarantine: patience.Scale(300 * time.Millisecond),
	}
	lateness = ftp.PassiveOptions{Patience: patience.Scale(500 * time.Millisecond), Quarantine: patience.Scale(time.Second)}
)

// Beside faulty clients of the same address, honest sessions wait longer and may get a 425 or 451.
// They succeed when they try again, and never get the bytes of another session.
func TestFaultyClients(t *testing.T) {
	rows := []neighbours{
		{"vanish after PASV", plain, patient, 3, 2, vanish},
		{"repeat PASV", plain, patient, 3, 2, repeat},
		{"connect and ask again", plain, patient, 3, 2, changeItsMind},
		{"connect and close", plain, patient, 3, 2, connectAndClose},
		{"never connect", plain, impatient, 2, 1, neverConnect},
		{"vanish after PASV", proving, patient, 3, 2, vanish},
		{"repeat PASV", sharing, patient, 3, 2, repeat},
		{"connect and ask again", sharing, patient, 3, 2, changeItsMind},
		{"connect and close", proving, patient, 3, 2, connectAndClose},
		{"never connect", secure, impatient, 1, 2, neverConnect},
	}
	if testing.Short() {
		rows = rows[:5]
	}
	for _, row := range rows {
		t.Run(row.name+"/"+row.protection.name, func(t *testing.T) {
			t.Parallel()
			row.test(t)
		})
	}
}

// A gate full of silent clients costs the others a bounded wait and a 425.
func TestFullGate(t *testing.T) {
	t.Parallel()
	got := neighbours{"silence", plain, crowded, 6, 2, neverConnect}.test(t)
	if got.refused[425] == 0 {
		t.Error("no session was answered 425: the port was not full")
	}
	if most := 10 * crowded.MaxHold; got.wait(100) > most {
		t.Errorf("a session waited %v, more than %v", got.wait(100), most)
	}
}

// TestAttackers has an attacker that connects to the passive port all the time. From another
// address it does not disturb the clients. From the clients' address it gets no data from clients
// that resume their TLS sessions, whether that is required or not, and each transfer of these
// clients succeeds at the first attempt. Transfers of other clients may fail for a while. The
// bytes of the attacker are never stored.
func TestAttackers(t *testing.T) {
	other, same := net.IPv4(127, 0, 0, 9), net.IPv4(127, 0, 0, 1)
	for _, row := range []struct {
		name        string
		protections []protection
		from        net.IP
		times       int
		honest      traffic
	}{
		{"at another address", []protection{plain, secure}, other, 60, traffic{sessions: 20, uploads: 1, downloads: 1}},
		{"at the address of clients that resume", []protection{preferring, proving}, same, 200, traffic{sessions: 20, uploads: 2, downloads: 1}},
		{"at the address of clients that do not", []protection{plain, secure}, same, 100, traffic{sessions: 3, uploads: 1, retries: 1000}},
	} {
		for _, p := range row.protections {
			t.Run(row.name+"/"+p.name, func(t *testing.T) {
				t.Parallel()
				s := open(t, p, ftp.PassiveOptions{})
				run(t, s, row.honest, steal(row.from, s.passiveAddr(t), row.times))
			})
		}
	}
}
