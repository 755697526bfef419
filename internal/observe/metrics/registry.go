package metrics

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Desc describes one metric.
type Desc struct {
	// Name is unique. It ends in the unit (_seconds, _bytes); the name of a counter has
	// _total after it.
	Name string
	// Help says in a sentence what is measured.
	Help string
	// Unit is "seconds" or "bytes", "" for a plain number.
	Unit string
	// Labels are the names of the labels.
	Labels []string
	// Buckets are the upper bounds of a histogram's buckets, ascending. A last bucket
	// without a bound follows. Only histograms have buckets.
	Buckets []float64
}

// Type is the type of a metric.
type Type string

// The types.
const (
	TypeCounter   Type = "counter"   // only grows
	TypeGauge     Type = "gauge"     // grows and shrinks
	TypeHistogram Type = "histogram" // counts observations by size
)

// Registry holds the metrics of a process. Its methods may be called concurrently.
type Registry struct {
	mu       sync.Mutex
	families map[string]*family
	// sources are read when the values are.
	sources map[*source]struct{}
}

// source has values that somebody else counts.
type source struct {
	desc Desc
	kind Type
	read func(add func(value float64, values ...string))
}

// family has every series of one metric, by its joined label values.
type family struct {
	desc   Desc
	kind   Type
	series map[string]series
}

type series struct {
	values []string
	metric metric
}

// metric is a counter, a gauge or a histogram.
type metric interface{ sample() Sample }

// New returns an empty registry.
func New() *Registry {
	return &Registry{families: map[string]*family{}, sources: map[*source]struct{}{}}
}

// Counter returns the counter that d describes for these values of its labels. Like Gauge
// and Histogram it panics when d does not fit the values or an earlier use of its name:
// both are bugs.
func (r *Registry) Counter(d Desc, values ...string) *Counter {
	return get(r, d, TypeCounter, values, func() *Counter { return &Counter{} })
}

// Gauge returns the gauge that d describes for these values of its labels.
func (r *Registry) Gauge(d Desc, values ...string) *Gauge {
	return get(r, d, TypeGauge, values, func() *Gauge { return &Gauge{} })
}

// Histogram returns the histogram that d describes for these values of its labels.
func (r *Registry) Histogram(d Desc, values ...string) *Histogram {
	return get(r, d, TypeHistogram, values, func() *Histogram { return newHistogram(d.Buckets) })
}

func get[M metric](r *Registry, d Desc, kind Type, values []string, create func() M) M {
	if len(values) != len(d.Labels) {
		panic(fmt.Sprintf("metrics: %s has the labels %q, not the values %q", d.Name, d.Labels, values))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.families[d.Name]
	if f == nil {
		f = &family{desc: d, kind: kind, series: map[string]series{}}
		r.families[d.Name] = f
	}
	if f.kind != kind || f.desc.Help != d.Help || !slices.Equal(f.desc.Labels, d.Labels) {
		panic(fmt.Sprintf("metrics: %s is described twice", d.Name))
	}
	key := strings.Join(values, "\x00")
	s, ok := f.series[key]
	if !ok {
		s = series{slices.Clone(values), create()}
		f.series[key] = s
	}
	return s.metric.(M)
}

// Source adds a counter or a gauge whose values are read when those of the registry are,
// until remove is called. read calls add for each series. It may run on several goroutines at once,
// and no lock of the registry is held then. Several sources may have the same description; of
// equal values of the labels one counts.
func (r *Registry) Source(d Desc, kind Type, read func(add func(value float64, values ...string))) (remove func()) {
	s := &source{d, kind, read}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sources[s] = struct{}{}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.sources, s)
	}
}

// Sum returns the sum over all series of a counter or a gauge, and the sum of the
// observations of a histogram; 0 for an unknown name. It does not read sources.
func (r *Registry) Sum(name string) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := 0.0
	if f := r.families[name]; f != nil {
		for _, s := range f.series {
			sum += s.metric.sample().Value
		}
	}
	return sum
}

// Family is one metric with its values at one moment.
type Family struct {
	Desc
	Type    Type
	Samples []Sample
}

// Sample is the value of one series.
type Sample struct {
	// Values are the values of the labels.
	Values []string
	// Value is the value of a counter or a gauge, and the sum of the observations of a
	// histogram.
	Value float64
	// Counts has, for a histogram, the number of observations in each bucket, without those
	// in smaller buckets.
	Counts []int64
}

// Family returns one metric with its values, false while nothing has counted it. It does not
// read sources.
func (r *Registry) Family(name string) (Family, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.families[name]
	if f == nil {
		return Family{}, false
	}
	return f.now(), true
}

// Families returns every metric in use, ordered by name, with samples ordered by the values
// of the labels.
func (r *Registry) Families() []Family {
	all, sources := r.counted()
	for _, source := range sources {
		f := all[source.desc.Name]
		if f == nil {
			f = &Family{Desc: source.desc, Type: source.kind}
			all[source.desc.Name] = f
		}
		source.read(func(value float64, values ...string) {
			f.Samples = append(f.Samples, Sample{Values: slices.Clone(values), Value: value})
		})
	}
	ordered := make([]Family, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f := all[name]
		slices.SortStableFunc(f.Samples, func(a, b Sample) int { return slices.Compare(a.Values, b.Values) })
		f.Samples = slices.CompactFunc(f.Samples, func(a, b Sample) bool { return slices.Equal(a.Values, b.Values) })
		ordered = append(ordered, *f)
	}
	return ordered
}

// counted returns the metrics that the registry counts itself, and the sources of the others.
func (r *Registry) counted() (map[string]*Family, []*source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(map[string]*Family, len(r.families))
	for name, f := range r.families {
		one := f.now()
		all[name] = &one
	}
	return all, slices.Collect(maps.Keys(r.sources))
}

// now returns the values. Registry.mu is held.
func (f *family) now() Family {
	one := Family{Desc: f.desc, Type: f.kind}
	for _, series := range f.series {
		s := series.metric.sample()
		s.Values = series.values
		one.Samples = append(one.Samples, s)
	}
	return one
}
