package rclone_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/vfs"
)

// Each call of rclone that reaches the store is counted, by its kind and its result.
func TestMetrics(t *testing.T) {
	m := metrics.New()
	b := open(t, rclone.Options{Store: "local", Root: t.TempDir(), Name: "files", Metrics: m})
	counted := func() map[string]float64 {
		all := map[string]float64{}
		f, _ := m.Family("tidegate_store_requests_total")
		for _, s := range f.Samples {
			if s.Values[0] != "rclone.files" {
				t.Errorf("the backend is %q", s.Values[0])
			}
			all[s.Values[1]+" "+s.Values[2]] = s.Value
		}
		return all
	}
	ctx := t.Context()
	put := func(name, text string) error {
		w, err := b.Create(ctx, vfs.MustParse(name), vfs.CreateOptions{})
		if err != nil {
			return err
		}
		defer w.Abort()
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		_, err = w.Commit(ctx, vfs.CommitOptions{})
		return err
	}
	for _, step := range []struct {
		name string
		do   func() error
		want map[string]float64
	}{
		{"a small file", func() error { return put("/a", "1234") }, map[string]float64{"put ok": 1, "move ok": 1}},
		{"a large file", func() error { return put("/b", strings.Repeat("x", rclone.MaxSmall+1)) }, map[string]float64{"put_stream ok": 1, "move ok": 1}},
		{"a listing", func() error {
			for _, err := range b.List(ctx, vfs.MustParse("/")) {
				if err != nil {
					return err
				}
			}
			return nil
		}, map[string]float64{"list ok": 1}},
		{"a download", func() error {
			r, err := b.Open(ctx, vfs.MustParse("/a"), vfs.OpenOptions{})
			if err != nil {
				return err
			}
			return r.Close()
		}, map[string]float64{"find ok": 1, "open ok": 1}},
		{"a new directory", func() error { return b.Mkdir(ctx, vfs.MustParse("/d")) }, map[string]float64{"find not-exist": 1, "make_dir ok": 1}},
		{"its end", func() error { return b.Remove(ctx, vfs.MustParse("/d"), vfs.TypeDir) }, map[string]float64{"find is-dir": 1, "remove_dir ok": 1}},
		{"a deletion", func() error { return b.Remove(ctx, vfs.MustParse("/a"), vfs.TypeFile) }, map[string]float64{"find ok": 1, "remove ok": 1}},
		{"nothing there", func() error { _, _ = b.Stat(ctx, vfs.MustParse("/none"), vfs.TypeFile); return nil }, map[string]float64{"find not-exist": 1}},
	} {
		before := counted()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		// How often it looks whether something is there depends on the store.
		got := map[string]float64{}
		for name, n := range counted() {
			if n > before[name] && (step.want[name] != 0 || !strings.HasPrefix(name, "find ")) {
				got[name] = n - before[name]
				if strings.HasPrefix(name, "find ") {
					got[name] = 1
				}
			}
		}
		if d := cmp.Diff(step.want, got); d != "" {
			t.Errorf("%s: -want +got\n%s", step.name, d)
		}
	}
	took, _ := m.Family("tidegate_store_request_duration_seconds")
	if len(took.Samples) < 8 {
		t.Errorf("the time of %d kinds of calls is measured", len(took.Samples))
	}
}

// An operation is told how many calls it has cost.
func TestCallsOfAnOperation(t *testing.T) {
	b := open(t, rclone.Options{Store: "local", Root: t.TempDir(), Name: "files"})
	v, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll})
	if err != nil {
		t.Fatal(err)
	}
	var last vfs.Event
	v = v.Observed(func(_ context.Context, e vfs.Event) { last = e })
	w, err := v.Create(t.Context(), vfs.MustParse("/a"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
		t.Fatal(err)
	}
	if last.Op != "write" || last.Requests < 2 {
		t.Errorf("%d calls of %s, want those that put and move the file", last.Requests, last.Op)
	}
	if err := v.Remove(t.Context(), vfs.MustParse("/a"), vfs.TypeFile); err != nil {
		t.Fatal(err)
	}
	if last.Op != "remove" || last.Requests < 1 {
		t.Errorf("%d calls of %s", last.Requests, last.Op)
	}
}
