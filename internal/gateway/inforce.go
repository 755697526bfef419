package gateway

import (
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/internal/auth"
)

// inForce is the generation that new logins get. It is the auth.Source of all
// frontends.
type inForce struct {
	log *slog.Logger

	mu      sync.Mutex
	current *Generation
	// replaced are those before it, but for most that are closed.
	replaced []*Generation
	// over is true when nothing more is opened.
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

// replace puts next, which the caller has held so far, in place of the current
// generation. It reports whether it could: not when everything has ended.
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

// drop takes back a hold of a generation. Nobody can return what fails then, so it is
// logged.
func (f *inForce) drop(g *Generation) {
	if err := g.drop(); err != nil {
		f.log.Warn("cannot close a store that is not used any more", "err", err)
	}
}

// get returns the current generation, without holding it.
func (f *inForce) get() *Generation {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current
}

// open returns the generations that are not closed, and the current one as the last.
func (f *inForce) open() []*Generation {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append(slices.DeleteFunc(slices.Clone(f.replaced), isClosed), f.current)
}

// close closes every generation, at the end of the process, when no session is left.
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
