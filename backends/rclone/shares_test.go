package rclone

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/session"
)

// An upload waits for one of its connection that its client has closed already, however long the
// store takes, and for those of other connections. It is refused if its own connection would have
// to send for the wait to end.
func TestWaitForOwnConnection(t *testing.T) {
	for name, c := range map[string]struct {
		other, closing, refused bool
	}{
		"sending":                         {refused: true},
		"closed":                          {closing: true},
		"sending over another connection": {other: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parts, ledger := memory.Divide(32<<20), fairshare.New()
				b := &Backend{memory: parts, streamBytes: parts.Stores.Most(), shares: newShares(ledger, parts)}
				connection := func() context.Context {
					client := session.New("sftp", "sftp.test", netip.AddrPort{})
					client.Login(session.User{Tenant: "t", Name: "u"})
					return session.NewContext(t.Context(), client)
				}
				ctx := connection()
				first := b.newStream(ctx)
				if err := first.acquire(ctx, b); err != nil {
					t.Fatal(err)
				}
				if c.closing {
					first.ends()
				}
				if c.other {
					ctx = connection()
				}
				time.AfterFunc(5*interleavedWait, first.release)
				begun := time.Now()
				second := b.newStream(ctx)
				err := second.acquire(ctx, b)
				waited := time.Since(begun)
				if c.refused && (!errors.Is(err, errInterleaved) || waited != interleavedWait) || !c.refused && (err != nil || waited != 5*interleavedWait) {
					t.Errorf("%v after %v", err, waited)
				}
				second.release()
				time.Sleep(5 * interleavedWait)
				if b.shares.bytes.Held() != 0 || parts.Budget.Held() != 0 || len(b.shares.sending) != 0 {
					t.Errorf("%d bytes of the shares and %d of the memory are held, sending %v", b.shares.bytes.Held(), parts.Budget.Held(), b.shares.sending)
				}
			})
		})
	}
}
