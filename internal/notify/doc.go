// Package notify sends an event to other systems after each change of a file or a directory.
//
//	vfs.View --> Hub --> Endpoint (filter, queue) --> Sender --> a webhook, a queue of Azure
//
// A View calls Hub.Changed after a change has succeeded and before the client learns of it.
// The Hub makes one Event, in the format of CloudEvents 1.0, and gives it to each Endpoint
// whose Filter it passes. With BeforeReply, Changed waits until the receiver has it, at most
// for Settings.Wait; so the reply to the client comes after the event. What has been
// committed stays: when the event comes late or never, the client gets the same reply.
//
//	hub := notify.New(log, metrics)
//	defer hub.Close(ctx)
//	hub.Set([]notify.Spec{{Name: "webhook.ingest", Settings: s, Sender: sender}})
//	view, err := vfs.NewView(vfs.ViewOptions{Notify: hub.Changed, …})
//
// # Delivery
//
// An Endpoint sends an event until the receiver has accepted it: at least once. An event is
// dropped and counted when the buffer is full, when the event becomes older than
// Settings.RetryFor, when the receiver answers that it is gone, or when the process ends. All
// attempts of an event have the same ID.
//
// Several requests are under way at a time, each with one event or, with Settings.Batch, several
// that have gathered. A batch stays the same when it is sent again, until the receiver refuses
// it; then its halves are sent. See batch.go.
//
// Events about one path are sent in their order, so two of them are never in one batch. An event
// about a directory is also sent in order with the events about paths below it. See order.go.
//
//	accepted --> ready --> batch, being sent --> delivered
//	   |          ^          ^      |
//	   v          |          |      +--> delayed (back-off of this batch)
//	blocked ------+          +-------------+
//
// When the receiver does not answer or is busy, the whole Endpoint pauses, and sends one request
// at a time until one is accepted. When it refuses one event, only that event is tried again
// later.
//
// # What it is not
//
// It writes nothing to a disk: events that are queued when the process crashes are lost. It
// knows no protocol of clients and no configuration.
//
// Lock order: Hub.mu before Endpoint.mu. No callback runs under a lock.
package notify
