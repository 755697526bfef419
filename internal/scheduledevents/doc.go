// Package scheduledevents finds out when Azure is going to stop this virtual machine, and
// when the process must have drained for it.
//
//	w := scheduledevents.New(scheduledevents.Options{Log: log, Client: imds.New(imds.Endpoint), DrainTime: delay + grace})
//	if e, ok := w.Watch(ctx); ok {
//		drain()
//		err = w.AwaitStop(ctx, e)
//	}
//
// Both calls ask the metadata service once a second, as its documentation recommends, and
// return when ctx ends. The package starts no goroutine.
//
// # When a drain begins
//
// An event that only this machine has, and that Azure begins with as soon as it may, begins
// its drain at once: the end of a machine (Terminate, Preempt), and a restart that somebody
// has asked for. Afterwards the event is acknowledged, and Azure need not wait for its time.
//
// Other restarts (Reboot, Redeploy) are maintenance of the host. Azure may wait for other machines
// on the host, although this machine has acknowledged the event, and announces some restarts days
// ahead. An event of several machines begins for all of them when one machine acknowledges it, so
// such an event is not acknowledged. In all these cases the drain begins late: it ends shortly
// before the time of the event.
//
// A Freeze drains nothing: the machine pauses for some seconds, and connections survive. An
// event that has begun drains nothing either: it is too late, or this is the process that
// was started after it.
//
// # After the drain
//
// The event may be cancelled, or become a Freeze. Then the machine runs on, and nothing would
// start the process again after it has ended. So AwaitStop waits for the end of the machine, and
// returns ErrOver when the event is over. The process fails with that error, so that its service
// manager starts it again.
//
// Source: "Azure Metadata Service: Scheduled Events for Linux VMs", Azure documentation.
package scheduledevents
