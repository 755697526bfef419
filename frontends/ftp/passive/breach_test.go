package passive

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// A user that asks for ports and leaves costs the other users of the address at most a
// sixth of the time, however often it asks, and nothing when it is alone.
func TestBreachesAreBounded(t *testing.T) {
	const quarantine = 5 * time.Second
	for _, test := range []struct {
		name  string
		other fairshare.Holder
		most  int
	}{
		{"another user of the tenant", fairshare.Holder{Tenant: "acme", User: "alice"}, 21},
		{"another tenant", fairshare.Holder{Tenant: "beta", User: "alice"}, 21},
		{"no other user", fairshare.Holder{Tenant: "acme", User: "bob"}, 120},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, addr := breaches{}, netip.MustParseAddr("192.0.2.1")
				bob := fairshare.Holder{Tenant: "acme", User: "bob"}
				broken := 0
				for begun := time.Now(); time.Since(begun) < 10*time.Minute; time.Sleep(quarantine) {
					if b.request(addr, test.other, quarantine, 1) > 0 && test.other != bob {
						t.Error("the other one waits")
					}
					if b.request(addr, bob, quarantine, 1) <= 0 {
						b.note(addr, bob, quarantine)
						broken++
					}
				}
				if broken > test.most {
					t.Errorf("%d reservations ended without a connection within ten minutes, want at most %d", broken, test.most)
				}
				time.Sleep(breachWindow * quarantine)
				if wait := b.request(addr, bob, quarantine, 1); wait > 0 {
					t.Errorf("waits for %v long after", wait)
				}
			})
		})
	}
}

// What is remembered is bounded.
func TestBreachRecordsAreBounded(t *testing.T) {
	b := breaches{}
	for i := range 2 * maxRecords {
		b.note(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), fairshare.Holder{Tenant: "t", User: fmt.Sprint(i)}, time.Second)
	}
	if len(b) > maxRecords {
		t.Errorf("%d records", len(b))
	}
}

// Many sessions of one user do not keep the port from another user of the address.
func TestUsersTakeTurnsAtThePort(t *testing.T) {
	o := short()
	o.Patience = time.Minute
	p := serve(t, o)
	addr := netip.MustParseAddr("127.0.0.1")
	first := reserve(t, p)
	order := make(chan string, 11)
	var sessions sync.WaitGroup
	ask := func(user string) {
		n := p.peerOf(addr).ports.Waiting()
		sessions.Go(func() {
			r, err := p.Reserve(t.Context(), addr, fairshare.Holder{Tenant: "t", User: user, Connection: fmt.Sprint(n)}, false)
			if err != nil {
				t.Error(err)
				return
			}
			order <- user
			c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(r.Port())))
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = c.Close() }()
			r.Claim(KeepNot)
			if _, err := r.Accept(t.Context()); err != nil {
				t.Error(err)
			}
			r.Release()
		})
		for p.peerOf(addr).ports.Waiting() == n {
			runtime.Gosched()
		}
	}
	for range 10 {
		ask("bob")
	}
	ask("alice")
	dial(t, first.Port())
	first.Claim(KeepNot)
	if a, b := <-order, <-order; a != "alice" && b != "alice" {
		t.Errorf("served %s and %s first, want alice among them", a, b)
	}
	sessions.Wait()
}

// peerOf returns the peer of an address, which there must be.
func (p *Plane) peerOf(addr netip.Addr) *peer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.peers[addr]
}
