package tracing

import (
	"context"

	"go.opentelemetry.io/otel/sdk/trace"
)

// OpenTo is Open with an exporter of the test.
func (t *Tracing) OpenTo(ctx context.Context, o Options, to trace.SpanExporter) (*Provider, error) {
	return t.provider(ctx, o, to)
}
