// Package tracing sends traces of sessions to a collector of OpenTelemetry, with OTLP over
// HTTP: a span for each session, below it one for each operation on the user's tree and for
// what a client waits for before that (RecordStep), and below operations one for each request
// to a store.
//
// # Usage
//
//	tracing := tracing.New(log, metrics)
//	p, err := tracing.Open(options)
//	…
//	tracing.Use(p) // nil: no session is traced from now on
//	defer tracing.Close(ctx)
//
//	ctx = tracing.BeginSession(ctx, s)
//	defer tracing.EndSession(ctx, end)
//	view = view.Scoped(tracing.ScopeOf(ctx))
//	tracing.RecordRequest(ctx, request) // in a backend
//
// A context has everything: no provider is global, and a backend needs only the context of its
// call. The context of a session that is not traced, because traces are off or the session is
// not in the sample, has nothing of this, and no function allocates for it.
//
// # What a span has
//
// Names of spans are those of protocols, operations and requests, so there are few. Spans never
// have users, addresses of clients or causes of failures, and paths only where Options.Paths
// asks for them. The attribute tidegate.session leads to the lines of the log about a session,
// and their attribute trace_id back.
//
// # What it costs
//
// A span that has ended waits in a queue of limited length, from which one goroutine sends. When
// the queue is full, because the collector is slow or does not answer, spans are dropped and
// counted; nothing waits for the collector but Close, and only until its context ends.
//
// Lock order: Tracing.mu is held together with no other lock.
package tracing
