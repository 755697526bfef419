package gateway

import (
	"context"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/imds"
	"github.com/tidegate/tidegate/internal/scheduledevents"
)

// watchScheduledEvents lets g drain for the events that the metadata service at an address
// announces, where the configuration wants it. It is called before Serve.
func (g *Gateway) watchScheduledEvents(c *config.Config, metadata string) {
	if c.Transfers.AzureScheduledEvents {
		g.scheduled = scheduledevents.New(scheduledevents.Options{
			Log: g.log, Client: imds.New(metadata), DrainTime: c.Transfers.DrainDelay + c.Transfers.Grace,
		})
	}
}

// drainForEvent starts a stop when an event wants it, and passes the event on. It returns when
// serving ends.
func (g *Gateway) drainForEvent(serving context.Context, drained chan<- imds.Event) {
	if g.scheduled == nil {
		return
	}
	e, ok := g.scheduled.Watch(serving)
	if !ok || !g.Health().Ready() {
		return // the process stops for another reason
	}
	drained <- e
	operated{g}.Drain("azure scheduled event " + string(e.Type))
}

// awaitMachine waits for the end of the machine, that is of ctx, if the stop was for an event.
func (g *Gateway) awaitMachine(ctx context.Context, drained <-chan imds.Event) error {
	select {
	case e := <-drained:
		return g.scheduled.AwaitStop(ctx, e)
	default:
		return nil
	}
}
