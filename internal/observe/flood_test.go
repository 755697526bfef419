package observe_test

import (
	"encoding/binary"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/observe"
)

// 10,000 refused connections a second, of as many addresses, write no more than a few lines a
// second, and all of them are counted.
func TestFloodOfConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const seconds, each = 70, 10_000
		var text strings.Builder
		r := observe.New(observe.Options{Protocol: "ftp", Log: slog.New(slog.NewTextHandler(&text, nil))})
		most, before := 0, 0
		for second := range seconds {
			for i := range each {
				var address [4]byte
				binary.BigEndian.PutUint32(address[:], uint32(i)<<8|uint32(second))
				from := netip.AddrPortFrom(netip.AddrFrom4(address), 40000)
				reason, setting := "too many sessions", "max_sessions"
				if i%2 == 0 {
					reason, setting = "too many logins", "max_logins"
				}
				r.SessionRefused(t.Context(), from, reason, setting, nil)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			lines := strings.Count(text.String(), "\n")
			most, before = max(most, lines-before), lines
		}
		r.Close()
		if most > 2 {
			t.Errorf("%d lines in one second", most)
		}
		if lines := strings.Count(text.String(), "\n"); lines > 3*2+1 {
			t.Errorf("%d lines in %d seconds:\n%.2000s", lines, seconds, text.String())
		}
		if n := r.Metrics().Sum("tidegate_sessions_refused_total"); n != seconds*each {
			t.Errorf("%v are counted", n)
		}
	})
}
