package vfs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/testing/faulty"
	"github.com/tidegate/tidegate/vfs"
)

// limiter records what a View asks of it.
type limiter struct {
	quantum int
	// most is how many bytes an upload may have, 0 for any number.
	most int64
	// block, when it is set, lets Moved wait for its context.
	block bool

	mu       sync.Mutex
	inside   int
	requests int
	largest  int
	moved    int64
	had      int64
	ended    int
}

func (l *limiter) Request(context.Context) (func(), error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inside > 0 {
		return nil, errors.New("a request within a request would wait for ever")
	}
	l.inside++
	l.requests++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.inside--
	}, nil
}

func (l *limiter) Download() vfs.Meter { return l }

func (l *limiter) Upload(size int64) (vfs.Meter, error) { return l, l.Have(size) }

func (l *limiter) Quantum() int { return l.quantum }

func (l *limiter) Have(size int64) error {
	if l.most > 0 && size > l.most {
		return vfs.NewError(vfs.KindTooLarge, nil)
	}
	l.had = size
	return nil
}

func (l *limiter) Moved(ctx context.Context, n int) error {
	if l.block {
		<-ctx.Done()
		return vfs.NewError(vfs.KindCanceled, context.Cause(ctx))
	}
	l.largest, l.moved = max(l.largest, n), l.moved+int64(n)
	if l.most > 0 && l.had+l.moved > l.most {
		return vfs.NewError(vfs.KindTooLarge, nil)
	}
	return nil
}

func (l *limiter) End() time.Duration {
	l.ended++
	return time.Second
}

func limited(t *testing.T, b vfs.Backend, l *limiter) *vfs.View {
	t.Helper()
	return newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll, Limiter: l})
}

// Every way in which bytes are read and written passes the meter, in parts of its quantum,
// and the event says how long they have waited.
func TestMeter(t *testing.T) {
	text := strings.Repeat("0123456789", 10_000)
	ways := map[string]func(v *vfs.View) error{
		"ReadFrom": func(v *vfs.View) error {
			w, err := v.Create(t.Context(), path("/new"), vfs.CreateOptions{})
			if err != nil {
				return err
			}
			defer w.Abort()
			if _, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader(text)); err != nil {
				return err
			}
			_, err = w.Commit(t.Context(), vfs.CommitOptions{})
			return err
		},
		"Write": func(v *vfs.View) error {
			w, err := v.Create(t.Context(), path("/new"), vfs.CreateOptions{})
			if err != nil {
				return err
			}
			defer w.Abort()
			if n, err := w.Write([]byte(text)); err != nil || n != len(text) {
				return fmt.Errorf("Write: %d, %w", n, err)
			}
			_, err = w.Commit(t.Context(), vfs.CommitOptions{})
			return err
		},
		"WriteTo": func(v *vfs.View) error {
			r, err := v.Open(t.Context(), path("/old"), vfs.OpenOptions{})
			if err != nil {
				return err
			}
			var b bytes.Buffer
			if _, err := r.(io.WriterTo).WriteTo(&b); err != nil || b.String() != text {
				return fmt.Errorf("WriteTo: %d bytes, %w", b.Len(), err)
			}
			return r.Close()
		},
		"Read": func(v *vfs.View) error {
			r, err := v.Open(t.Context(), path("/old"), vfs.OpenOptions{})
			if err != nil {
				return err
			}
			b := make([]byte, len(text))
			if _, err := io.ReadFull(r, b); err != nil || string(b) != text {
				return fmt.Errorf("Read: %q, %w", b[:10], err)
			}
			return r.Close()
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			b := memory.New()
			put(t, one(t, b), "/old", text)
			l := &limiter{quantum: 1000}
			var events []vfs.Event
			v := limited(t, b, l).Observed(func(_ context.Context, e vfs.Event) { events = append(events, e) })
			if err := way(v); err != nil {
				t.Fatal(err)
			}
			if l.moved != int64(len(text)) || l.largest > l.quantum || l.ended != 1 {
				t.Errorf("%d bytes moved, at most %d at once; the meter ended %d times", l.moved, l.largest, l.ended)
			}
			if len(events) != 1 || events[0].Throttled != time.Second || events[0].Bytes != int64(len(text)) {
				t.Errorf("events: %+v", events)
			}
		})
	}
}

// An upload of which a byte was refused is not committed, whatever its caller does.
func TestMeterRefuses(t *testing.T) {
	b := memory.New()
	put(t, one(t, b), "/file", "old")
	v := limited(t, b, &limiter{most: 10})
	w, err := v.Create(t.Context(), path("/file"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, part := range []string{"0123456789", "x", "y"} {
		_, err = w.Write([]byte(part))
	}
	if vfs.KindOf(err) != vfs.KindTooLarge {
		t.Errorf("Write: %v", err)
	}
	if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); vfs.KindOf(err) != vfs.KindTooLarge {
		t.Errorf("Commit: %v", err)
	}
	// What an appended file has counts too.
	if err := tryPut(t.Context(), limited(t, b, &limiter{most: 10}), "/file", "12345678", vfs.CreateOptions{Mode: vfs.ModeAppend}); vfs.KindOf(err) != vfs.KindTooLarge {
		t.Errorf("append: %v", err)
	}
	if err := tryPut(t.Context(), limited(t, b, &limiter{most: 2}), "/file", "", vfs.CreateOptions{Mode: vfs.ModeAppend}); vfs.KindOf(err) != vfs.KindTooLarge {
		t.Errorf("append to a file that is too large: %v", err)
	}
	if got := get(t, one(t, b), "/file"); got != "old" {
		t.Errorf("the file is %q", got)
	}
}

// Abort ends a Write that waits for bandwidth.
func TestAbortEndsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, err := limited(t, memory.New(), &limiter{block: true}).Create(t.Context(), path("/file"), vfs.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() {
			_, err := w.Write([]byte("x"))
			done <- err
		}()
		synctest.Wait()
		w.Abort()
		if err := <-done; vfs.KindOf(err) != vfs.KindCanceled {
			t.Errorf("Write: %v", err)
		}
	})
}

// counter is a Backend that counts its requests itself.
type counter struct {
	vfs.Backend
	begin func(ctx context.Context) (func(), error)
}

func (c counter) CountsRequests() bool { return true }

func (c counter) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	for range 2 {
		answered, err := c.begin(ctx)
		if err != nil {
			return vfs.Info{}, err
		}
		answered()
	}
	return c.Backend.Stat(ctx, p, want)
}

// Each operation is one request, none begins within another, and a Backend that counts its
// requests is not counted by the View.
func TestRequestsOfOperations(t *testing.T) {
	ctx := t.Context()
	b := faulty.New(memory.New())
	put(t, one(t, b), "/dir/file", "text")
	l := &limiter{}
	v := newView(t, vfs.ViewOptions{
		Mounts: []vfs.Mount{{Backend: b, RequireParents: true}}, Allow: vfs.PermAll, Limiter: l,
	})
	// The number includes those for the directory, which must exist.
	steps := []struct {
		name string
		want int
		do   func() error
	}{
		{"stat", 1, func() error { _, err := v.Stat(ctx, path("/dir/file"), vfs.TypeAny); return err }},
		{"read", 1, func() error { get(t, v, "/dir/file"); return nil }},
		{"write", 3, func() error { return tryPut(ctx, v, "/dir/new", "text", vfs.CreateOptions{}) }},
		{"copy", 2, func() error {
			_, err := v.Copy(ctx, path("/dir/file"), path("/dir/copy"), vfs.CopyOptions{})
			return err
		}},
		{"mkdir", 2, func() error { return v.Mkdir(ctx, path("/dir/sub")) }},
		{"rename", 2, func() error { return v.Rename(ctx, path("/dir/new"), path("/dir/other"), vfs.RenameOptions{}) }},
		{"settime", 1, func() error { return v.SetModTime(ctx, path("/dir/other"), time.Unix(1, 0)) }},
		{"remove", 1, func() error { return v.Remove(ctx, path("/dir/other"), vfs.TypeFile) }},
		{"list", 1, func() error {
			for _, err := range v.List(ctx, path("/dir")) {
				if err != nil {
					return err
				}
				// The store has answered: the client may take as long as it wants.
				if l.inside != 0 {
					t.Error("a listing counts as a request while the client takes it")
				}
			}
			return nil
		}},
	}
	for _, step := range steps {
		before := l.requests
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
		if got := l.requests - before; got != step.want || l.inside != 0 {
			t.Errorf("%s: %d requests, want %d; %d are not answered", step.name, got, step.want, l.inside)
		}
	}
	// A name that only a directory may have costs a look at what is renamed.
	before := l.requests
	named := newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll, Limiter: l, Names: vfs.NameRules{Allow: []string{"*.txt"}}})
	if err := named.Rename(ctx, path("/dir/sub"), path("/dir/renamed"), vfs.RenameOptions{}); err != nil || l.requests-before != 2 {
		t.Errorf("a rename with allow_names: %v, %d requests, want 2", err, l.requests-before)
	}
	before = l.requests
	counting := limited(t, counter{b, vfs.BeginRequest}, l)
	if _, err := counting.Stat(ctx, path("/dir/file"), vfs.TypeAny); err != nil || l.requests-before != 2 {
		t.Errorf("a store that counts itself: %v, %d requests, want 2", err, l.requests-before)
	}
	if answered, err := vfs.BeginRequest(ctx); err != nil {
		t.Error(err)
	} else {
		answered()
	}
}
