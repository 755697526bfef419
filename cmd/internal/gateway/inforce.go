package gateway

import (
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/internal/auth"
)

// inForce has the current generation, which new logins get. It is the auth.Source of all
// frontends.
type inForce struct {
	log *slog.Logger

	mu      sync.Mutex
	current *Generation
	// replaced has the earlier generations. Most of the closed ones are removed.
	replaced []*Generation
	// over is true after close: no generation becomes current any more.
	over bool
}

var _ auth.Source = (*inForce)(nil)

// Acquire holds the current generation for one session.
func (f *inForce) Acquire() (*auth.Authenticator, func()) {
	f.mu.Lock()
	g := f.current
	g.hold()
	f.mu.Unlock()
	return g.Authenticator, func() { f.drop(g) }
}

// replace makes next the current generation and takes over the caller's hold of it. It
// returns false after close.
func (f *inForce) replace(next *Generation) bool {
	f.mu.Lock()
	if f.over {
		f.mu.Unlock()
		return false
	}
	old := f.current
	f.current = next
	f.replaced = append(slices.DeleteFunc(f.replaced, isClosed), old)
	f.mu.Unlock()
	f.drop(old)
	return true
}

// drop drops a hold of a generation. It logs the error, because no caller could return it.
func (f *inForce) drop(g *Generation) {
	if err := g.drop(); err != nil {
		f.log.Warn("cannot close a replaced backend", "err", err)
	}
}

// get returns the current generation, without holding it.
func (f *inForce) get() *Generation {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current
}

// open returns the generations that are not closed. The current one is the last.
func (f *inForce) open() []*Generation {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append(slices.DeleteFunc(slices.Clone(f.replaced), isClosed), f.current)
}

// close closes every generation. It is called at the end of the process, when no session is
// left.
func (f *inForce) close() error {
	f.mu.Lock()
	f.over = true
	f.mu.Unlock()
	var errs []error
	for _, g := range f.open() {
		errs = append(errs, g.close())
	}
	return errors.Join(errs...)
}

func isClosed(g *Generation) bool {
	select {
	case <-g.closed:
		return true
	default:
		return false
	}
}
