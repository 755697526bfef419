package tracing

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
)

// Options say which sessions are traced, and where the spans go. What they leave open, the
// variables OTEL_* of the SDK decide.
type Options struct {
	// Endpoint is the whole URL that spans are sent to. It has no secret.
	Endpoint string
	// Headers are sent with each request. nil is those of the variables.
	Headers map[string]string
	// TLS is for an endpoint with HTTPS. nil is that of the variables.
	TLS *tls.Config
	// Service is the attribute service.name, "" for that of the variables, or "tidegate".
	Service string
	// Ratio is the part of the sessions that is traced. nil is that of the variables, or all.
	Ratio *float64
	// Paths adds paths to the spans of operations.
	Paths bool
	// Node is the name of the node.
	Node string
	// Queue is how many spans may wait, 0 for as many as the SDK lets wait.
	Queue int
}

// Provider makes the spans of some sessions and sends them. Tracing owns it after Use.
type Provider struct {
	sdk    *trace.TracerProvider
	tracer api.Tracer
	queue  *queue
	paths  bool
	// stop ends what is being sent.
	stop context.CancelFunc
}

const defaultService = "tidegate"

// Open returns a Provider. It sends nothing yet. Where it is not used, the caller calls
// Abandon.
func (t *Tracing) Open(ctx context.Context, o Options) (*Provider, error) {
	settings := []otlptracehttp.Option{otlptracehttp.WithEndpointURL(o.Endpoint)}
	if o.Headers != nil {
		settings = append(settings, otlptracehttp.WithHeaders(o.Headers))
	}
	if o.TLS != nil {
		settings = append(settings, otlptracehttp.WithTLSClientConfig(o.TLS))
	}
	client, err := otlptracehttp.New(ctx, settings...)
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	return t.provider(ctx, o, client)
}

// provider returns a Provider whose spans go to an exporter.
func (t *Tracing) provider(ctx context.Context, o Options, to trace.SpanExporter) (*Provider, error) {
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", defaultService)), resource.WithFromEnv(), resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.instance.id", o.Node), attribute.String("tidegate.node", o.Node)),
	)
	if err == nil && o.Service != "" {
		about, err = resource.Merge(about, resource.NewSchemaless(attribute.String("service.name", o.Service)))
	}
	if err != nil {
		return nil, fmt.Errorf("tracing: OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	until, stop := context.WithCancel(context.Background())
	q := &queue{most: int64(cmp.Or(o.Queue, trace.DefaultMaxQueueSize)), losses: newLosses(t.log, o.Endpoint, t.counts)}
	q.next = trace.NewBatchSpanProcessor(&exporter{to, q, until}, trace.WithMaxQueueSize(int(q.most)), trace.WithMaxExportBatchSize(min(int(q.most), trace.DefaultMaxExportBatchSize)))
	all := []trace.TracerProviderOption{trace.WithResource(about), trace.WithSpanProcessor(q)}
	if o.Ratio != nil {
		all = append(all, trace.WithSampler(trace.TraceIDRatioBased(*o.Ratio)))
	}
	p := &Provider{sdk: trace.NewTracerProvider(all...), queue: q, paths: o.Paths, stop: stop}
	p.tracer = p.sdk.Tracer("github.com/tidegate/tidegate")
	return p, nil
}

// Abandon closes a Provider that was not used.
func (p *Provider) Abandon() { p.close(ended()) }

// close sends the spans that wait until ctx ends, and returns when nothing runs any more.
func (p *Provider) close(ctx context.Context) {
	defer p.stop()
	defer context.AfterFunc(ctx, p.stop)()
	// exporter has reported what was lost. The SDK leaves a connection that is idle to its
	// time-out of 90 seconds.
	_ = p.sdk.Shutdown(context.WithoutCancel(ctx))
	p.queue.losses.reports.Close()
}
