package vfs

import (
	"context"
	"sync/atomic"
)

// requestsKey is where the context of an operation has the counter of its requests.
type requestsKey struct{}

// countingRequests returns the context of an operation whose requests to the store are
// counted, unless they are already.
func countingRequests(ctx context.Context) context.Context {
	if _, counted := ctx.Value(requestsKey{}).(*atomic.Int64); counted {
		return ctx
	}
	return context.WithValue(ctx, requestsKey{}, new(atomic.Int64))
}

// countingWith returns a context whose requests are counted with those of operation.
func countingWith(ctx, operation context.Context) context.Context {
	return context.WithValue(ctx, requestsKey{}, operation.Value(requestsKey{}))
}

// NoteRequest counts one request to a store for the operation of ctx. A Backend that sends
// requests calls it for each attempt, with a context that comes from that of the operation.
func NoteRequest(ctx context.Context) {
	if n, ok := ctx.Value(requestsKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
}

// requestsOf returns how many requests the operation of ctx has sent so far.
func requestsOf(ctx context.Context) int64 {
	if n, ok := ctx.Value(requestsKey{}).(*atomic.Int64); ok {
		return n.Load()
	}
	return 0
}
