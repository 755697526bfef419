package metrics

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFamilies(t *testing.T) {
	r := New()
	requests := Desc{Name: "b_total", Help: "Requests.", Labels: []string{"frontend", "protocol"}}
	open := Desc{Name: "a", Help: "Open files."}
	took := Desc{Name: "c_seconds", Help: "Durations.", Unit: "seconds", Buckets: []float64{0.1, 1}}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { r.Counter(requests, "ftp.a", "ftp").Add(2) })
	}
	wg.Wait()
	r.Counter(requests, "ftp", "a.ftp").Add(1)
	r.Gauge(open).Add(3)
	r.Gauge(open).Add(-1)
	for _, v := range []float64{0, 0.1, 0.5, 2, 3} {
		r.Histogram(took).Observe(v)
	}
	want := []Family{
		{open, TypeGauge, []Sample{{Value: 2}}},
		{requests, TypeCounter, []Sample{
			{Values: []string{"ftp", "a.ftp"}, Value: 1},
			{Values: []string{"ftp.a", "ftp"}, Value: 20},
		}},
		{took, TypeHistogram, []Sample{{Value: 5.6, Counts: []int64{2, 1, 2}}}},
	}
	if d := cmp.Diff(want, r.Families()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if all, none := r.Sum("b_total"), r.Sum("d"); all != 21 || none != 0 {
		t.Errorf("the sums are %v and %v", all, none)
	}
	if n := r.Counter(requests, "ftp.a", "ftp").Value(); n != 20 {
		t.Errorf("the counter has %d", n)
	}
	r.Gauge(open).Set(7)
	if n := r.Gauge(open).Value(); n != 7 {
		t.Errorf("the gauge has %d", n)
	}
}

// A source is read with the registry, beside what others count under the same name, until it
// is removed.
func TestSource(t *testing.T) {
	r := New()
	held := Desc{Name: "held_bytes", Help: "Memory.", Unit: "bytes", Labels: []string{"part"}}
	n := 1.0
	remove := r.Source(held, TypeGauge, func(add func(float64, ...string)) {
		add(n, "b")
		add(2, "a")
	})
	r.Source(held, TypeGauge, func(add func(float64, ...string)) {
		r.Gauge(Desc{Name: "within", Help: "Taken by a source."}).Set(1) // no lock is held
		add(3, "c")
		add(5, "b") // as of a frontend and the one that replaces it
	})
	n = 5
	want := []Family{{held, TypeGauge, []Sample{{Values: []string{"a"}, Value: 2}, {Values: []string{"b"}, Value: 5}, {Values: []string{"c"}, Value: 3}}}}
	if d := cmp.Diff(want, r.Families()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	remove()
	if got := r.Families()[0].Samples; len(got) != 2 || got[1].Value != 3 {
		t.Errorf("after the removal: %v", got)
	}
}

// Observations of several goroutines are all counted.
func TestHistogramConcurrently(t *testing.T) {
	h := newHistogram([]float64{1})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 1000 {
				h.Observe(0.5)
				h.Observe(2)
			}
		})
	}
	wg.Wait()
	if s := h.sample(); s.Value != 25000 || s.Counts[0] != 10000 || s.Counts[1] != 10000 {
		t.Errorf("the histogram has %+v", s)
	}
}

func TestMistakes(t *testing.T) {
	one := Desc{Name: "a", Help: "One.", Labels: []string{"frontend"}}
	for name, use := range map[string]func(*Registry){
		"too few values":  func(r *Registry) { r.Counter(one) },
		"another type":    func(r *Registry) { r.Gauge(one, "x") },
		"another meaning": func(r *Registry) { r.Counter(Desc{Name: "a", Help: "Two.", Labels: one.Labels}, "x") },
	} {
		r := New()
		r.Counter(one, "x")
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			use(r)
		}()
	}
}
