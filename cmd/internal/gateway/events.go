package gateway

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/tidegate/tidegate/cmd/internal/events"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/notify"
)

func eventName(e *config.Event) string { return e.Type + "." + e.Name }

// openEvents makes the senders of the events of c. before is the configuration that c replaces,
// nil at the start.
func openEvents(ctx context.Context, c, before *config.Config) ([]notify.Spec, error) {
	var all []notify.Spec
	for _, e := range c.Events {
		s, err := openEvent(ctx, e)
		if err != nil {
			closeEvents(all)
			return nil, fmt.Errorf("event %s: %w", eventName(e), err)
		}
		all = append(all, notify.Spec{Name: eventName(e), Settings: e.Settings, Sender: s, Same: before != nil && slices.ContainsFunc(before.Events, func(b *config.Event) bool {
			return sameEvent(b, e)
		})})
	}
	return all, nil
}

func openEvent(ctx context.Context, e *config.Event) (events.Sender, error) {
	body, ok := e.Config.(events.Config)
	if !ok {
		return nil, errors.New("nothing sends such events")
	}
	return body.Open(ctx)
}

// closeEvents closes what has never sent anything.
func closeEvents(all []notify.Spec) {
	for _, s := range all {
		s.Sender.Close()
	}
}

// sameEvent reports whether two blocks have the same name and the same values.
func sameEvent(a, b *config.Event) bool {
	return eventName(a) == eventName(b) && reflect.DeepEqual(a.Settings, b.Settings) && config.Same(a.Config, b.Config)
}

// lastDeliveries is how long events are delivered at least, after the last frontend has
// ended.
const lastDeliveries = 10 * time.Second

// deliverLast delivers the events that are queued, until a time but at least for
// lastDeliveries.
func (p *process) deliverLast(until time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), max(time.Until(until), lastDeliveries))
	defer cancel()
	p.events.Close(ctx)
}
