package gateway

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// silent is a store that never answers.
type silent struct{}

func (silent) Validate() config.Diagnostics { return nil }
func (silent) Open(ctx context.Context, env backends.Env) (vfs.Backend, error) {
	env.Log.Warn("waiting", "remedy", "start the store")
	<-ctx.Done()
	return nil, ctx.Err()
}

// Stores that do not answer delay the check by one bound, and the remedy of the log is
// kept.
func TestCheckStoresIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &config.Config{Transfers: config.Transfers{Memory: 16 << 20}}
		for range 3 {
			c.Backends = append(c.Backends, &config.Backend{Type: "silent", Name: "s", Config: silent{}})
		}
		for _, s := range CheckStores(t.Context(), c, true) {
			if !errors.Is(s.Err, errSlow) || s.Step != "open" || s.Took != openTime || s.Remedy != "start the store" || s.ClockKnown {
				t.Errorf("got %+v", s)
			}
		}
	})
}
