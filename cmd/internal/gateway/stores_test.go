package gateway

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// opener is the configuration of a store that opens slowly.
type opener struct {
	config.Body

	takes  time.Duration
	err    error
	opened context.Context // of the opening
	closed bool
}

func (o *opener) Open(ctx context.Context, _ backends.Env) (vfs.Backend, error) {
	select {
	case <-time.After(o.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if o.err != nil {
		return nil, o.err
	}
	o.opened = ctx
	return &watched{memory.New(), o}, nil
}

type watched struct {
	vfs.Backend
	of *opener
}

func (c *watched) Close() error {
	c.of.closed = true
	return c.Backend.Close()
}

// TestOpenBackends: backends open concurrently, the error names all that fail, and the log
// reports one that hangs before it fails.
func TestOpenBackends(t *testing.T) {
	tests := []struct {
		name  string
		all   []*opener
		want  []string // lines of the error
		takes time.Duration
		warns int
	}{
		{name: "side by side", all: []*opener{{takes: 8 * time.Second}, {takes: 9 * time.Second}, {}}, takes: 9 * time.Second},
		{name: "slow", all: []*opener{{takes: 14 * time.Second}, {}}, takes: 14 * time.Second, warns: 1},
		{
			name: "one hangs", all: []*opener{{}, {takes: time.Hour}, {takes: time.Second}}, takes: openTime, warns: 1,
			want: []string{"backend test.b: the store has not answered within 15s"},
		},
		{
			name: "two fail", all: []*opener{{err: errors.New("no container")}, {}, {takes: time.Second, err: errors.New("wrong key")}}, takes: time.Second,
			want: []string{"backend test.a: no container", "backend test.c: wrong key"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				p := newProcess(config.Transfers{Memory: 16 << 20}, slog.New(slog.NewTextHandler(&log, nil)))
				c := configOf(test.all)
				begun := time.Now()
				stores, err := openBackends(t.Context(), p, c, nil, config.RequireAll)
				if took := time.Since(begun); took != test.takes {
					t.Errorf("it took %v, want %v", took, test.takes)
				}
				text := ""
				if err != nil {
					text = err.Error()
				}
				if want := strings.Join(test.want, "\n"); text != want {
					t.Errorf("got %q, want %q", text, want)
				}
				if got := strings.Count(log.String(), "backend is still opening"); got != test.warns {
					t.Errorf("%d warnings: %s", got, log.String())
				}
				if len(stores) != len(test.all)-len(test.want) {
					t.Errorf("%d stores are open", len(stores))
				}
				for i, o := range test.all {
					if o.opened != nil && o.opened.Err() != nil {
						t.Errorf("the context of store %d has ended with its opening", i)
					}
				}
				g := generationOf(stores)
				if err := g.closeBackends(); err != nil {
					t.Error(err)
				}
				for i, o := range test.all {
					if o.opened != nil && (!o.closed || o.opened.Err() == nil) {
						t.Errorf("store %d stays open", i)
					}
				}
			})
		})
	}
}
