package gateway

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/memory"
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

// interruptedConfig opens a store.
type interruptedConfig struct{ store interrupted }

func (interruptedConfig) Validate() config.Diagnostics { return nil }
func (c interruptedConfig) Open(context.Context, backends.Env) (vfs.Backend, error) {
	return c.store, nil
}

// interrupted is a store whose commits end the check. Where they fail, the file is stored.
type interrupted struct {
	vfs.Backend
	end   context.CancelFunc
	fails bool
}

func (s interrupted) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	w, err := s.Backend.Create(ctx, p, o)
	return interruptedWriter{w, s}, err
}

func (s interrupted) Remove(ctx context.Context, p vfs.Path, t vfs.Type) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Backend.Remove(ctx, p, t)
}

type interruptedWriter struct {
	vfs.Writer
	store interrupted
}

func (w interruptedWriter) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	info, err := w.Writer.Commit(ctx, o)
	w.store.end()
	if err == nil && w.store.fails {
		err = vfs.NewError(vfs.KindUnavailable, context.Canceled)
	}
	return info, err
}

// The file of a check does not stay when the check is interrupted after the commit, nor when
// the answer to the commit is lost.
func TestWriteProbeIsRemoved(t *testing.T) {
	for _, fails := range []bool{false, true} {
		ctx, end := context.WithCancel(t.Context())
		store := memory.New()
		b := &config.Backend{Type: "interrupted", Name: "s", Config: interruptedConfig{interrupted{store, end, fails}}}
		c := &config.Config{
			Transfers: config.Transfers{Memory: 16 << 20}, Backends: []*config.Backend{b},
			Tenants: []*config.Tenant{{Mounts: []config.Mount{{Backend: b}}}},
		}
		s := CheckStores(ctx, c, true)[0]
		if fails != (s.Err != nil) || fails != (s.Step == "write") || fails == (s.Wrote != "") {
			t.Errorf("the commit fails = %v: %+v", fails, s)
		}
		for info, err := range store.List(t.Context(), vfs.Path{}) {
			t.Errorf("in the store stays %v, %v", info, err)
		}
	}
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
