package turns_test

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/turns"
)

// Turns are bounded by their memory too. One that takes more than all may take is
// had alone, and everybody gets one in the end.
func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := turns.New(8, 32<<10)
		var running, memory, most atomic.Int64
		var users sync.WaitGroup
		for i := range 300 {
			kib := []int64{0, 8, 19, 31, 64, 256}[i%6] << 10
			addr := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i % 7)}), 32)
			users.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+rand.IntN(60))*time.Second)
				defer cancel()
				if all.Take(ctx, addr, kib) != nil {
					return
				}
				n, m := running.Add(1), memory.Add(kib)
				most.Store(max(most.Load(), n))
				if n > 8 || m > 32<<10 && n > 1 {
					t.Errorf("%d at once take %d KiB", n, m)
				}
				time.Sleep(time.Second)
				memory.Add(-kib)
				running.Add(-1)
				all.End(kib)
			})
		}
		users.Wait()
		if most.Load() < 2 || !all.Idle() {
			t.Errorf("%d at once at most, then nobody has one: %v", most.Load(), all.Idle())
		}
	})
}
