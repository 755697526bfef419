package notify

import "time"

// Delivery says what the reply to a client waits for.
type Delivery string

// The kinds of delivery.
const (
	// BeforeReply: the client gets its reply when the receiver has the event.
	BeforeReply Delivery = "before_reply"
	// BestEffort: the reply does not wait.
	BestEffort Delivery = "best_effort"
)

// Settings are those of one Endpoint.
type Settings struct {
	Delivery Delivery
	Filter   Filter
	// Wait is how long a reply waits with BeforeReply.
	Wait time.Duration
	// Timeout is how long one attempt may take.
	Timeout time.Duration
	// RetryFor is how old an event becomes before it is dropped.
	RetryFor time.Duration
	// Buffer is how many events may wait, MaxRequests how many are sent at a time.
	Buffer, MaxRequests int
}
