package tracing

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	api "go.opentelemetry.io/otel/trace"
)

// The steps of a session that are no operations: what a client waits for before one begins.
const (
	TLSHandshake   = "tls handshake"
	SSHHandshake   = "ssh handshake"
	Login          = "login"
	DataConnection = "data connection"
)

// RecordStep records a step of the session of ctx. failure is the cause in one word, "" for
// none.
func RecordStep(ctx context.Context, name string, began, ended time.Time, failure string) {
	t := of(ctx)
	if t == nil {
		return
	}
	_, span := t.tracer.Start(ctx, name, api.WithSpanKind(api.SpanKindInternal), api.WithTimestamp(began), api.WithAttributes(t.attributes()...))
	if failure != "" {
		span.SetAttributes(attribute.String("error.type", failure))
		span.SetStatus(codes.Error, failure)
	}
	span.End(api.WithTimestamp(ended))
}
