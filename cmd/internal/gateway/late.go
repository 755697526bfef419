package gateway

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

const (
	// firstRetry and lastRetry are the first and the longest pause between two attempts to
	// open a store.
	firstRetry, lastRetry = time.Second, 30 * time.Second
	// retryNotice is the least time between two log lines about a store that does not open.
	retryNotice = time.Minute
)

// opening opens a store that could not be opened at the start: again and again, until it
// opens or close. Its methods may be called concurrently.
type opening struct {
	block *config.Backend
	env   backends.Env
	stop  context.CancelFunc
	ended chan struct{} // closed when run has ended

	mu   sync.Mutex
	open *Backend // nil before
	err  error    // of the last attempt
	// inner has the stores of mounts in a store with links.
	inner map[vfs.Path]vfs.Backend
}

// openLater returns a backend that opens in the background. Until then every operation
// fails with KindUnavailable. err is the error of the first attempt.
func openLater(ctx context.Context, b *config.Backend, env backends.Env, err error) *Backend {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	o := &opening{block: b, env: env, stop: stop, ended: make(chan struct{}), err: err, inner: map[vfs.Path]vfs.Backend{}}
	env.Log.Warn("backend unavailable", "err", err)
	go o.run(ctx)
	return &Backend{Backend: &lateStore{opening: o}, Name: backendName(b), body: b.Config, release: stop, generations: 1}
}

// run tries to open the store.
func (o *opening) run(ctx context.Context) {
	defer close(o.ended)
	begun, logged := time.Now(), time.Now()
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		store, err := openBackend(ctx, o.block, o.env)
		o.mu.Lock()
		o.open, o.err = store, err
		o.mu.Unlock()
		if err == nil {
			o.env.Log.Info("backend opened", "dur", time.Since(begun))
			return
		}
		if time.Since(logged) >= retryNotice {
			logged = time.Now()
			o.env.Log.Warn("backend still unavailable", "err", err, "dur", time.Since(begun))
		}
	}
}

// get returns the store, or why it is not open.
func (o *opening) get() (vfs.Backend, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open == nil {
		return nil, vfs.NewError(vfs.KindUnavailable, fmt.Errorf("the backend is not open: %w", o.err))
	}
	return o.open.Backend, nil
}

// confined returns the part of a store with links that a mount at root is limited to.
func (o *opening) confined(store vfs.Confiner, root vfs.Path) (vfs.Backend, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if part, ok := o.inner[root]; ok {
		return part, nil
	}
	part, err := store.Confine(root)
	if err == nil {
		o.inner[root] = part
	}
	return part, err
}

// close ends the attempts, and closes the store if it is open.
func (o *opening) close() error {
	o.stop()
	<-o.ended
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open == nil {
		return nil
	}
	return o.open.leave()
}

// lateStore is the backend of a store that may not be open yet. root is the directory of
// the mount that it is for.
type lateStore struct {
	*opening
	root vfs.Path
}

var (
	_ vfs.Confiner       = (*lateStore)(nil)
	_ vfs.RequestCounter = (*lateStore)(nil)
)

// CountsRequests reports whether the store is open and counts its requests.
func (l *lateStore) CountsRequests() bool {
	store, err := l.get()
	if err != nil {
		return false
	}
	c, ok := store.(vfs.RequestCounter)
	return ok && c.CountsRequests()
}

// store returns the backend for an operation, and a function that maps a path of l to the path
// in that backend.
func (l *lateStore) store() (vfs.Backend, func(vfs.Path) vfs.Path, error) {
	store, err := l.get()
	if err != nil {
		return nil, nil, err
	}
	c, links := store.(vfs.Confiner)
	if !links || l.root.IsRoot() {
		return store, l.root.Join, nil
	}
	part, err := l.confined(c, l.root)
	return part, func(p vfs.Path) vfs.Path { return p }, err
}

// Confine returns the part of the store below p.
func (l *lateStore) Confine(p vfs.Path) (vfs.Backend, error) {
	return &lateStore{l.opening, l.root.Join(p)}, nil
}

func (l *lateStore) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	store, at, err := l.store()
	if err != nil {
		return vfs.Info{}, err
	}
	return store.Stat(ctx, at(p), want)
}

func (l *lateStore) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	store, at, err := l.store()
	if err != nil {
		return func(yield func(vfs.Info, error) bool) { yield(vfs.Info{}, err) }
	}
	return store.List(ctx, at(p))
}

func (l *lateStore) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	store, at, err := l.store()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, at(p), o)
}

func (l *lateStore) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	store, at, err := l.store()
	if err != nil {
		return nil, err
	}
	return store.Create(ctx, at(p), o)
}

func (l *lateStore) Mkdir(ctx context.Context, p vfs.Path) error {
	store, at, err := l.store()
	if err != nil {
		return err
	}
	return store.Mkdir(ctx, at(p))
}

func (l *lateStore) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	store, at, err := l.store()
	if err != nil {
		return err
	}
	return store.Remove(ctx, at(p), want)
}

func (l *lateStore) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	store, at, err := l.store()
	if err != nil {
		return err
	}
	return store.Rename(ctx, at(from), at(to), o)
}

func (l *lateStore) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	store, at, err := l.store()
	if err != nil {
		return vfs.Info{}, err
	}
	return store.Copy(ctx, at(from), at(to), o)
}

func (l *lateStore) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	store, at, err := l.store()
	if err != nil {
		return err
	}
	return store.SetModTime(ctx, at(p), t)
}

// Caps returns those of the store, and none before it is open.
func (l *lateStore) Caps() vfs.Caps {
	store, err := l.get()
	if err != nil {
		return vfs.Caps{}
	}
	return store.Caps()
}

// Close ends the attempts and closes the store.
func (l *lateStore) Close() error { return l.close() }
