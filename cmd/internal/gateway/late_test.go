package gateway

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// TestRequiredBackends: which errors stop the start is a setting.
func TestRequiredBackends(t *testing.T) {
	wrong := func() *opener { return &opener{err: errors.New("no container")} }
	down := func() *opener { return &opener{err: &backends.UnreachableError{Err: errors.New("no answer")}} }
	hangs := func() *opener { return &opener{takes: time.Hour} }
	opens := func() *opener { return &opener{} }
	tests := []struct {
		name                string
		all                 []*opener
		valid, require, any bool // whether the process starts
	}{
		{"all open", []*opener{opens(), opens()}, true, true, true},
		{"one is wrong", []*opener{opens(), wrong()}, false, false, true},
		{"one does not answer", []*opener{opens(), down()}, true, false, true},
		{"one hangs", []*opener{opens(), hangs()}, true, false, true},
		{"one is wrong, one does not answer", []*opener{wrong(), down()}, false, false, false},
		{"all are wrong", []*opener{wrong(), wrong()}, false, false, false},
		{"the only one does not answer", []*opener{down()}, true, false, true},
	}
	for _, test := range tests {
		for required, starts := range map[config.Required]bool{
			config.RequireValid: test.valid, config.RequireAll: test.require, config.RequireAny: test.any,
		} {
			synctest.Test(t, func(t *testing.T) {
				p := newProcess(config.Transfers{Memory: 16 << 20}, slog.New(slog.NewTextHandler(t.Output(), nil)))
				stores, err := openBackends(t.Context(), p, configOf(test.all), nil, required)
				if (err == nil) != starts {
					t.Errorf("%s, %d: %v", test.name, required, err)
				}
				if err == nil && len(stores) != len(test.all) {
					t.Errorf("%s, %d: %d stores", test.name, required, len(stores))
				}
				if err := generationOf(stores).closeBackends(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func configOf(all []*opener) *config.Config {
	c := &config.Config{}
	for i, o := range all {
		c.Backends = append(c.Backends, &config.Backend{Type: "test", Name: string(rune('a' + i)), Config: o})
	}
	return c
}

// TestLateStore: the operations of a store that is not open fail with KindUnavailable, it
// is opened again until it opens, and then they reach it. The log has a line a minute.
func TestLateStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logged
		p := newProcess(config.Transfers{Memory: 16 << 20}, slog.New(slog.NewTextHandler(&log, nil)))
		o := &outage{opens: &opener{}}
		stores, err := openBackends(t.Context(), p, outageConfig(o), nil, config.RequireValid)
		if err != nil {
			t.Fatal(err)
		}
		store := stores[0]
		dir := vfs.MustParse("/dir")
		for range 5 {
			if err := store.Mkdir(t.Context(), dir); vfs.KindOf(err) != vfs.KindUnavailable || !strings.Contains(err.Error(), "no answer") {
				t.Errorf("before: %v", err)
			}
			if caps := store.Caps(); caps != (vfs.Caps{}) {
				t.Errorf("before: %+v", caps)
			}
			time.Sleep(time.Minute)
		}
		if n := strings.Count(log.String(), "level=WARN"); n < 4 || n > 6 {
			t.Errorf("%d warnings in five minutes: %s", n, log.String())
		}
		o.over.Store(true)
		time.Sleep(lastRetry + time.Second)
		if err := store.Mkdir(t.Context(), dir); err != nil {
			t.Errorf("after: %v", err)
		}
		if info, err := store.Stat(t.Context(), dir, vfs.TypeDir); err != nil || info.Type != vfs.TypeDir {
			t.Errorf("after: %+v, %v", info, err)
		}
		if !store.Caps().RenameDir || !strings.Contains(log.String(), "backend opened") {
			t.Errorf("after: %+v: %s", store.Caps(), log.String())
		}
		if err := generationOf(stores).closeBackends(); err != nil || !o.opens.(*opener).closed {
			t.Errorf("closing: %v, closed: %v", err, o.opens.(*opener).closed)
		}
	})
}

// TestLateStoreWithLinks: a mount in a store that opens later is confined too.
func TestLateStoreWithLinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outage{opens: &local.Config{Root: t.TempDir()}}
		p := newProcess(config.Transfers{Memory: 16 << 20}, slog.New(slog.NewTextHandler(t.Output(), nil)))
		stores, err := openBackends(t.Context(), p, outageConfig(o), nil, config.RequireValid)
		if err != nil {
			t.Fatal(err)
		}
		store, at, err := confined(stores[0].Backend, vfs.MustParse("/a"))
		if err != nil {
			t.Fatal(err)
		}
		o.over.Store(true)
		time.Sleep(lastRetry)
		if err := store.Mkdir(t.Context(), at.Join(vfs.MustParse("/dir"))); err != nil {
			t.Fatal(err)
		}
		if _, err := stores[0].Stat(t.Context(), vfs.MustParse("/a/dir"), vfs.TypeDir); err != nil {
			t.Error(err)
		}
		if err := generationOf(stores).closeBackends(); err != nil {
			t.Error(err)
		}
	})
}

// TestLateStoreCountsRequests: the requests of a store that opens later are limited as those
// of one that was open at the start.
func TestLateStoreCountsRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outage{opens: counting{}}
		p := newProcess(config.Transfers{Memory: 16 << 20}, slog.New(slog.NewTextHandler(t.Output(), nil)))
		stores, err := openBackends(t.Context(), p, outageConfig(o), nil, config.RequireValid)
		if err != nil {
			t.Fatal(err)
		}
		store, _, err := confined(stores[0].Backend, vfs.MustParse("/a"))
		if err != nil {
			t.Fatal(err)
		}
		counter, ok := store.(vfs.RequestCounter)
		if !ok || counter.CountsRequests() {
			t.Errorf("before it is open: %T counts its requests", store)
		}
		o.over.Store(true)
		time.Sleep(lastRetry)
		if !ok || !counter.CountsRequests() {
			t.Errorf("once it is open: %T does not count its requests", store)
		}
		if err := generationOf(stores).closeBackends(); err != nil {
			t.Error(err)
		}
	})
}

// counting is the configuration of a store that counts its requests.
type counting struct{ config.Body }

func (counting) Open(context.Context, backends.Env) (vfs.Backend, error) {
	return counter{memory.New()}, nil
}

type counter struct{ *memory.Backend }

func (counter) CountsRequests() bool { return true }

// outage is the configuration of a store that does not answer until over.
type outage struct {
	config.Body

	over  atomic.Bool
	opens backends.Config
}

func (o *outage) Open(ctx context.Context, env backends.Env) (vfs.Backend, error) {
	if !o.over.Load() {
		return nil, &backends.UnreachableError{Err: errors.New("no answer")}
	}
	return o.opens.Open(ctx, env)
}

func outageConfig(o *outage) *config.Config {
	return &config.Config{Backends: []*config.Backend{{Type: "test", Name: "a", Config: o}}}
}

// logged is the text of a log.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
