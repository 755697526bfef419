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
