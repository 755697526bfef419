package notify

import (
	"context"
	"net"
	"slices"
	"time"
)

// Message is what one request sends.
type Message struct {
	// ID is the same for every attempt: that of the event, or one of the batch.
	ID string
	// Events are the events in JSON: one or, with Batch, at least one.
	Events [][]byte
	// Batch says that they are sent as an array, as CloudEvents has batches.
	Batch bool
}

// Body returns the text that is sent, in parts that are not copied.
func (m *Message) Body() net.Buffers {
	if !m.Batch {
		return slices.Clone(m.Events)
	}
	b := make(net.Buffers, 0, 2*len(m.Events)+1)
	separator, next := []byte("["), []byte(",")
	for _, e := range m.Events {
		b = append(b, separator, e)
		separator = next
	}
	return append(b, []byte("]"))
}

// Sender sends messages to one receiver. Its methods may be called concurrently.
type Sender interface {
	// Send makes one attempt. It returns nil when the receiver has the message. Any error but
	// a *Failure means that there was no answer. An error must have no secret.
	Send(ctx context.Context, m Message) error
	// Close frees what the Sender holds. Attempts that run end as they would without it.
	Close()
}

// Failure is the error of an attempt that the receiver has answered.
type Failure struct {
	Err error
	// Busy says that other messages would have failed too.
	Busy bool
	// Gone says that the receiver wants no message any more.
	Gone bool
	// After is how long the receiver wants no message, 0 where it does not say.
	After time.Duration
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }
