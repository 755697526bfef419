package auth

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/session"
)

// While 400 connections of one address try passwords, the first login of another
// address waits for the hashes that run, not for those that wait.
func TestFloodOfOneAddressDoesNotDelayOthers(t *testing.T) {
	const hashTakes = 100 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		a := mustNew(t, Account{Tenant: "t", Name: "u", PasswordHash: cheap(t, "pw")})
		a.hashing = newHashing(2, defaultMemory)
		// try is a password of a client at an address.
		try := func(ctx context.Context, login, password, addr string) error {
			from := netip.MustParseAddr(addr)
			s := session.New("ftp", "ftp.test", netip.AddrPortFrom(from, 4711))
			_, err := a.Password(session.NewContext(ctx, s), Attempt{Login: login, From: from}, password)
			return err
		}
		a.matches = func(_ hash, password string) bool {
			time.Sleep(hashTakes)
			return password == "pw"
		}
		ctx, cancel := context.WithCancel(t.Context())
		var flood sync.WaitGroup
		for i := range 400 {
			flood.Go(func() {
				for ctx.Err() == nil {
					_ = try(ctx, fmt.Sprint("guess", i), "wrong", "203.0.113.1")
				}
			})
		}
		// Of IPv6 a whole network counts as one address.
		for i := range 400 {
			from := fmt.Sprintf("2001:db8::%x", i+1)
			flood.Go(func() {
				for ctx.Err() == nil {
					_ = try(ctx, "u", "wrong", from)
				}
			})
		}
		time.Sleep(10 * time.Second)
		begun := time.Now()
		if err := try(t.Context(), "u", "pw", "192.0.2.1"); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("an honest login takes %v", took)
		}
		cancel()
		flood.Wait()
		if held := a.hashing.Resource().Held(); held != 0 {
			t.Errorf("%d KiB are in use after the flood", held)
		}
	})
}
