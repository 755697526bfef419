package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/tidegate/tidegate/config"
)

// ReceiverCheck is what CheckReceivers has found out about one receiver of events.
type ReceiverCheck struct {
	Event *config.Event
	// Answer is what the receiver has answered; Err is why events do not reach it.
	Answer string
	Err    error
	// Took is how long the check took.
	Took time.Duration
}

// CheckReceivers asks the receivers of events of a configuration, side by side, without
// sending an event. The results have the order of the configuration. A receiver that does not
// answer delays it by its timeout.
func CheckReceivers(ctx context.Context, c *config.Config) []ReceiverCheck {
	results := make([]ReceiverCheck, len(c.Events))
	var checks sync.WaitGroup
	for i, e := range c.Events {
		checks.Go(func() { results[i] = checkReceiver(ctx, e) })
	}
	checks.Wait()
	return results
}

func checkReceiver(ctx context.Context, e *config.Event) ReceiverCheck {
	begun := time.Now()
	r := ReceiverCheck{Event: e}
	ctx, cancel := context.WithTimeout(ctx, e.Settings.Timeout)
	defer cancel()
	s, err := openEvent(ctx, e)
	if err != nil {
		r.Err = err
		return r
	}
	defer s.Close()
	r.Answer, r.Err = s.Check(ctx)
	r.Took = time.Since(begun)
	return r
}
