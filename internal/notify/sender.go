package notify

import (
	"context"
	"time"
)

// Message is an event as it is sent.
type Message struct {
	ID string
	// Body is the event in JSON.
	Body []byte
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
