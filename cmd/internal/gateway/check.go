package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// StoreCheck is what CheckStores has found out about one store.
type StoreCheck struct {
	Backend *config.Backend
	// Err is why the store cannot be used, and Step what failed: "open", "list", "write",
	// "remove" or "close". Remedy is the remedy that the log would have, when Err has none.
	Err    error
	Step   string
	Remedy string
	// Took is how long the check took.
	Took time.Duration
	// Clock is how far the store's clock is ahead of this machine's, where ClockKnown.
	Clock      time.Duration
	ClockKnown bool
	// Wrote is the path in the store that was written and removed, "" for none.
	Wrote string
}

// CheckStores opens the stores of a configuration concurrently and lists their roots. With
// write, it also writes and removes a file in each store that a mount can write to. The results
// have the order of the configuration. A store that does not answer delays CheckStores by
// openTime.
func CheckStores(ctx context.Context, c *config.Config, write bool) []StoreCheck {
	p := newProcess(c.Transfers, slog.New(slog.DiscardHandler))
	results := make([]StoreCheck, len(c.Backends))
	var checks sync.WaitGroup
	for i, b := range c.Backends {
		checks.Go(func() { results[i] = checkStore(ctx, p, c, b, write) })
	}
	checks.Wait()
	return results
}

// checkStore checks one store.
func checkStore(ctx context.Context, p *process, c *config.Config, b *config.Backend, write bool) StoreCheck {
	begun := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, openTime, errSlow)
	defer cancel()
	remedies := &remedies{}
	s := StoreCheck{Backend: b}
	s.Step, s.Err = s.run(ctx, c, backends.Env{
		Name: b.Name, Log: slog.New(remedies), Chunks: p.chunks, Ledger: p.ledger, Memory: p.memory,
	}, write)
	if s.Err != nil && errors.Is(context.Cause(ctx), errSlow) {
		s.Err = errSlow
	}
	s.Took, s.Remedy = time.Since(begun), remedies.get()
	return s
}

// run opens, lists and writes, and returns the step that failed.
func (s *StoreCheck) run(ctx context.Context, c *config.Config, env backends.Env, write bool) (step string, err error) {
	store, err := openBackend(ctx, s.Backend, env)
	if err != nil {
		return "open", err
	}
	defer func() {
		if closed := store.leave(); err == nil && closed != nil {
			step, err = "close", closed
		}
	}()
	if clock, ok := store.Backend.(interface {
		ClockDifference() (ahead time.Duration, known bool)
	}); ok {
		s.Clock, s.ClockKnown = clock.ClockDifference()
	}
	if err := listOne(ctx, store, vfs.Path{}); err != nil {
		return "list", err
	}
	if dir, ok := writable(c, s.Backend); write && ok {
		return s.writeProbe(ctx, store, dir)
	}
	return "", nil
}

// listOne requests the first entries of a directory.
func listOne(ctx context.Context, store vfs.Backend, dir vfs.Path) error {
	for _, err := range store.List(ctx, dir) {
		return err
	}
	return nil
}

// writable returns the directory of the first mount that users can write to.
func writable(c *config.Config, b *config.Backend) (vfs.Path, bool) {
	for _, t := range c.Tenants {
		for _, m := range t.Mounts {
			if m.Backend == b && !m.ReadOnly {
				return m.Path, true
			}
		}
	}
	return vfs.Path{}, false
}

// probePrefix begins the names of the files that a check writes. A random text follows.
const probePrefix = "tidegate-check-"

// removeTime is the longest time that the removal of such a file may take. It is tried also
// when the check is interrupted, or has no time left.
const removeTime = 10 * time.Second

// writeProbe writes a file of a few bytes under a new name, and removes it. A commit that
// fails may have stored the file all the same, so that it is removed then, too.
func (s *StoreCheck) writeProbe(ctx context.Context, store vfs.Backend, dir vfs.Path) (step string, err error) {
	path, err := dir.Child(probePrefix + rand.Text())
	if err != nil {
		return "write", err
	}
	w, err := store.Create(ctx, path, vfs.CreateOptions{Mode: vfs.ModeExclusive, ContentType: "text/plain"})
	if err != nil {
		return "write", err
	}
	defer w.Abort() // which does nothing after the commit
	_, err = fmt.Fprintf(w, "Written by tidegate check -online -write-probe at %s.\n", time.Now().UTC().Format(time.RFC3339))
	if err != nil {
		return "write", err
	}
	_, err = w.Commit(ctx, vfs.CommitOptions{})
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTime)
	defer cancel()
	removed := store.Remove(clean, path, vfs.TypeFile)
	switch {
	case err != nil && vfs.KindOf(removed) != vfs.KindNotExist && removed != nil:
		return "write", fmt.Errorf("%w; %s may be in the store: %w", err, path, removed)
	case err != nil:
		return "write", err
	}
	s.Wrote = path.String()
	if removed != nil {
		return "remove", fmt.Errorf("%s stays in the store: %w", path, removed)
	}
	return "", nil
}

// remedies is a slog.Handler that keeps the last remedy.
type remedies struct {
	mu   sync.Mutex
	last string
}

func (r *remedies) get() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// Enabled implements slog.Handler.
func (r *remedies) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (r *remedies) Handle(_ context.Context, record slog.Record) error {
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "remedy" {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.last = a.Value.String()
		}
		return true
	})
	return nil
}

// WithAttrs implements slog.Handler.
func (r *remedies) WithAttrs([]slog.Attr) slog.Handler { return r }

// WithGroup implements slog.Handler.
func (r *remedies) WithGroup(string) slog.Handler { return r }
