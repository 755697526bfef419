package tracing

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	api "go.opentelemetry.io/otel/trace"

	"github.com/tidegate/tidegate/vfs"
)

// operationKey is where the context of an operation has its span.
type operationKey struct{}

// scope makes the spans of the operations of traced sessions.
type scope struct{}

// ScopeOf returns the Scope of a View for the session of ctx, nil where it is not traced.
func ScopeOf(ctx context.Context) vfs.Scope {
	if of(ctx) == nil {
		return nil
	}
	return scope{}
}

// Enter implements vfs.Scope.
func (scope) Enter(ctx context.Context, begun vfs.Event) context.Context {
	t := of(ctx)
	if t == nil {
		return ctx
	}
	ctx, span := t.tracer.Start(ctx, begun.Op, api.WithSpanKind(api.SpanKindInternal), api.WithAttributes(t.attributes()...))
	if t.paths {
		span.SetAttributes(attribute.String("tidegate.path", begun.Path.String()))
		if begun.Op == "rename" || begun.Op == "copy" {
			span.SetAttributes(attribute.String("tidegate.to", begun.To.String()))
		}
	}
	return context.WithValue(ctx, operationKey{}, span)
}

// Resume implements vfs.Scope.
func (scope) Resume(ctx, begun context.Context) context.Context {
	span, ok := begun.Value(operationKey{}).(api.Span)
	if !ok {
		return ctx
	}
	return context.WithValue(api.ContextWithSpan(ctx, span), operationKey{}, span)
}

// attributes returns what every span below that of the session has of it.
func (t *traced) attributes() []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String("tidegate.session", t.session.ID), attribute.String("tidegate.tenant", t.session.User().Tenant),
		attribute.String("tidegate.protocol", t.session.Protocol), attribute.String("tidegate.frontend", t.session.Frontend),
	}
}

// EndOperation ends the span of the operation of ctx. command is the FTP command, "" for none.
func EndOperation(ctx context.Context, e vfs.Event, command string) {
	span, ok := ctx.Value(operationKey{}).(api.Span)
	if !ok {
		return
	}
	attrs := make([]attribute.KeyValue, 0, 6)
	if command != "" {
		attrs = append(attrs, attribute.String("tidegate.command", command))
	}
	if e.Backend != "" {
		attrs = append(attrs, attribute.String("tidegate.backend", e.Backend))
	}
	switch e.Op {
	case "read", "write", "copy":
		attrs = append(attrs, attribute.Int64("tidegate.bytes", e.Bytes))
	case "list":
		attrs = append(attrs, attribute.Int64("tidegate.entries", e.Entries))
	}
	if e.Throttled > 0 {
		attrs = append(attrs, attribute.Int64("tidegate.throttled_ms", e.Throttled.Milliseconds()))
	}
	if e.Err != nil {
		kind := vfs.KindOf(e.Err).String()
		attrs = append(attrs, attribute.String("error.type", kind))
		span.SetStatus(codes.Error, kind)
	}
	span.SetAttributes(attrs...)
	span.End()
}

// Request is a request to a store that has ended.
type Request struct {
	// Backend is the store's name, "azblob.ingest", Name the kind of request, as in the
	// metrics.
	Backend, Name string
	Began         time.Time
	// Method, Host and Status are those of HTTP; Status is 0 where there was no answer.
	Method, Host string
	Status       int
	// ID is the id that the service has given to the request, "" for none.
	ID string
	// Resend counts the attempts before.
	Resend int
	// Failure is the kind of the failure in one word, "" for none.
	Failure string
}

// RecordRequest records a request that was made for the operation, or the session, of ctx, and
// has ended now.
func RecordRequest(ctx context.Context, r Request) {
	t := of(ctx)
	if t == nil {
		return
	}
	attrs := append(t.attributes(), attribute.String("tidegate.backend", r.Backend))
	if r.Method != "" {
		attrs = append(attrs, attribute.String("http.request.method", r.Method), attribute.String("server.address", r.Host))
	}
	if r.Status != 0 {
		attrs = append(attrs, attribute.Int("http.response.status_code", r.Status))
	}
	if r.ID != "" {
		attrs = append(attrs, attribute.String("azure.service.request.id", r.ID))
	}
	if r.Resend > 0 {
		attrs = append(attrs, attribute.Int("http.request.resend_count", r.Resend))
	}
	if r.Failure != "" {
		attrs = append(attrs, attribute.String("error.type", r.Failure))
	}
	_, span := t.tracer.Start(ctx, r.Name, api.WithSpanKind(api.SpanKindClient), api.WithTimestamp(r.Began), api.WithAttributes(attrs...))
	if r.Failure != "" {
		span.SetStatus(codes.Error, r.Failure)
	}
	span.End()
}

// Traced reports whether the session of ctx is traced.
func Traced(ctx context.Context) bool { return of(ctx) != nil }
