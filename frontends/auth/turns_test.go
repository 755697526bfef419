package auth

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// While 400 connections of one address try passwords, the first login of another
// address waits for the hashes that run, not for those that wait.
func TestFloodOfOneAddressDoesNotDelayOthers(t *testing.T) {
	const hashTakes = 100 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		a := mustNew(t, Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "pw")})
		a.turns = newTurns(2, defaultMemory>>10)
		a.matches = func(_ hash, password string) bool {
			time.Sleep(hashTakes)
			return password == "pw"
		}
		ctx, cancel := context.WithCancel(t.Context())
		var flood sync.WaitGroup
		for i := range 400 {
			flood.Go(func() {
				for ctx.Err() == nil {
					_, _ = a.Password(ctx, fmt.Sprint("guess", i), "wrong", netip.MustParseAddr("203.0.113.1"))
				}
			})
		}
		// Of IPv6 a whole network counts as one address.
		for i := range 400 {
			from := netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1))
			flood.Go(func() {
				for ctx.Err() == nil {
					_, _ = a.Password(ctx, "u", "wrong", from)
				}
			})
		}
		time.Sleep(10 * time.Second)
		begun := time.Now()
		if _, err := a.Password(t.Context(), "u", "pw", netip.MustParseAddr("192.0.2.1")); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("an honest login takes %v", took)
		}
		cancel()
		flood.Wait()
		if a.turns.used != 0 || a.turns.usedKiB != 0 || len(a.turns.byAddr) != 0 || len(a.turns.queues) != 0 {
			t.Errorf("after the flood there are %d slots and %d KiB in use, %d queues", a.turns.used, a.turns.usedKiB, len(a.turns.queues))
		}
	})
}

// Hashes are bounded by their memory too. One that takes more than all may take
// has its turn alone, and everybody gets one in the end.
func TestHashesAreBoundedByMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(8, 32<<10)
		var running, memory, most atomic.Int64
		var all sync.WaitGroup
		for i := range 300 {
			kib := []int64{0, 8, 19, 31, 64, 256}[i%6] << 10
			addr := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i % 7)}), 32)
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+rand.IntN(60))*time.Second)
				defer cancel()
				if turns.take(ctx, addr, kib) != nil {
					return
				}
				n, m := running.Add(1), memory.Add(kib)
				most.Store(max(most.Load(), n))
				if n > 8 || m > 32<<10 && n > 1 {
					t.Errorf("%d hashes at once take %d KiB", n, m)
				}
				time.Sleep(time.Second)
				memory.Add(-kib)
				running.Add(-1)
				turns.end(kib)
			})
		}
		all.Wait()
		if most.Load() < 2 || turns.used != 0 || turns.usedKiB != 0 || len(turns.byAddr) != 0 || len(turns.queues) != 0 {
			t.Errorf("%d at once at most, then %d slots, %d KiB, %d queues are in use", most.Load(), turns.used, turns.usedKiB, len(turns.queues))
		}
	})
}
