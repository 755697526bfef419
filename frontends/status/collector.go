package status

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// metricsHandler serves the metrics of the process, of Go and of the operating system.
func metricsHandler(from *metrics.Registry, log *slog.Logger) http.HandlerFunc {
	// A registry of our own: libraries may register metrics in the default one.
	r := prometheus.NewRegistry()
	r.MustRegister(collector{from}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), EnableOpenMetrics: true,
	}).ServeHTTP
}

// collector passes a Registry on to Prometheus' client library. So counting costs what it
// costs without the library.
type collector struct{ *metrics.Registry }

// Describe describes nothing: metrics appear when they are counted first.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect passes the present values on.
func (c collector) Collect(to chan<- prometheus.Metric) {
	for _, f := range c.Families() {
		desc := prometheus.NewDesc(f.Name, f.Help, f.Labels, nil)
		for _, s := range f.Samples {
			to <- metric(desc, f, s)
		}
	}
}

// metric returns one series as the library has it.
func metric(desc *prometheus.Desc, f metrics.Family, s metrics.Sample) prometheus.Metric {
	var m prometheus.Metric
	var err error
	switch f.Type {
	case metrics.TypeHistogram:
		buckets, count := make(map[float64]uint64, len(f.Buckets)), uint64(0)
		for i, n := range s.Counts {
			count += uint64(n)
			if i < len(f.Buckets) {
				buckets[f.Buckets[i]] = count
			}
		}
		m, err = prometheus.NewConstHistogram(desc, count, s.Value, buckets, s.Values...)
	case metrics.TypeCounter:
		m, err = prometheus.NewConstMetric(desc, prometheus.CounterValue, s.Value, s.Values...)
	case metrics.TypeGauge:
		m, err = prometheus.NewConstMetric(desc, prometheus.GaugeValue, s.Value, s.Values...)
	}
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return m
}
