package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	api "go.opentelemetry.io/otel/trace"

	"github.com/tidegate/tidegate/internal/session"
)

// tracedKey is where the context of a traced session has its trace.
type tracedKey struct{}

// traced is the trace of one session.
type traced struct {
	*Provider
	session *session.Session
	span    api.Span
}

// of returns the trace of the session of ctx, nil where it is not traced.
func of(ctx context.Context) *traced {
	t, _ := ctx.Value(tracedKey{}).(*traced)
	return t
}

// BeginSession begins the span of a session, and gives the session the id of its trace. It
// returns ctx where the session is not traced. A nil Tracing traces nothing.
func (t *Tracing) BeginSession(ctx context.Context, s *session.Session) context.Context {
	if t == nil {
		return ctx
	}
	p := t.current.Load()
	if p == nil {
		return ctx
	}
	spanning, span := p.tracer.Start(ctx, s.Protocol+" session",
		api.WithNewRoot(), api.WithSpanKind(api.SpanKindServer), api.WithTimestamp(s.Started), api.WithAttributes(
			attribute.String("tidegate.session", s.ID), attribute.String("tidegate.protocol", s.Protocol), attribute.String("tidegate.frontend", s.Frontend),
		))
	if !span.IsRecording() {
		return ctx
	}
	s.SetTraceID(span.SpanContext().TraceID().String())
	return context.WithValue(spanning, tracedKey{}, &traced{p, s, span})
}

// NoteTenant notes the tenant that the session of ctx belongs to.
func NoteTenant(ctx context.Context, tenant string) {
	if t := of(ctx); t != nil {
		t.span.SetAttributes(attribute.String("tidegate.tenant", tenant))
	}
}

// Ending says how a session has ended.
type Ending struct {
	// Reason is that of the line of the log, Cause why nobody has logged in, "" otherwise.
	Reason, Cause string
	// BytesIn and BytesOut are those of files, to the store and from it.
	BytesIn, BytesOut int64
}

// EndSession ends the span of the session of ctx. It is called once.
func EndSession(ctx context.Context, e Ending) {
	t := of(ctx)
	if t == nil {
		return
	}
	t.span.SetAttributes(attribute.String("tidegate.reason", e.Reason),
		attribute.Int64("tidegate.bytes_in", e.BytesIn), attribute.Int64("tidegate.bytes_out", e.BytesOut))
	if e.Cause != "" {
		t.span.SetAttributes(attribute.String("tidegate.cause", e.Cause))
		t.span.SetStatus(codes.Error, e.Cause)
	}
	t.span.End()
}
