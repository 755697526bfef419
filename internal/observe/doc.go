// Package observe reports what happens to the log and to every further Sink of the process,
// and counts it (package metrics).
//
//	frontend --> Reporter --> metrics
//	                     \--> log
//	                      \-> Queue --> a slow sink (bounded, counts what it drops)
//
// A frontend has one Reporter and calls it when a session starts, logs in or ends,
// when a login or a connection is refused, when an operation of the user's tree
// finishes, and when an upload is aborted. Each call is one Event for every sink, but for
// the replies to single commands, which only a Dialogue gets that wants them. The
// session of an operation is that of its context:
//
//	reporter := observe.New(observe.Options{Protocol: "ftp", Frontend: "ftp.public", Log: log, Shared: env.Observe})
//	defer reporter.Close()
//	view := account.View.Observed(reporter.Operation)
//
// A further sink, such as an access log, is one package with a type that has the method
// Record, and one line in the list of sinks that the gateway passes in Shared. A sink that
// may block, on a disk or a network, needs a Queue in front of it.
//
// Package observe knows no protocol and never answers a client.
package observe
