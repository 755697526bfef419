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
	// Buffer is how many events may wait, MaxRequests how many requests are under way at a time.
	Buffer, MaxRequests int
	// Batch says how events go together.
	Batch Batch
}

// Batch says how events go together in one request. The zero value is one event in each.
type Batch struct {
	// Events is how many events a request has at most. From 1 on requests are batches, as
	// CloudEvents has them.
	Events int
	// Wait is how long an event waits for others, 0 for the default of the Delivery.
	Wait time.Duration
}

// The default of Batch.Wait: with BestEffort there are at most ten requests a second that are
// not full, with BeforeReply a client hardly notices it.
const (
	waitBestEffort  = 100 * time.Millisecond
	waitBeforeReply = 10 * time.Millisecond
)

// batchWait returns how long an event waits for others.
func (s *Settings) batchWait() time.Duration {
	switch {
	case s.Batch.Events <= 1:
		return 0
	case s.Batch.Wait > 0:
		return s.Batch.Wait
	case s.Delivery == BeforeReply:
		return waitBeforeReply
	}
	return waitBestEffort
}
