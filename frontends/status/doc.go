// Package status shows operators over HTTP what the process does now, and lets them control
// it: frontend "status".
//
//	/          a page for people (page.go), which /events keeps live; /status.json has the same
//	/healthz   the process answers
//	/readyz    the node should get new connections; the body names each reason why not
//	/metrics   the metrics in the text format of Prometheus
//	/sessions  the live sessions; POST /sessions/ID/kick ends one
//	/trace     the dialogue with a client, as it happens
//	/reload    POST: reads the configuration again
//	/drain     POST: stops the process
//
// access.go decides which clients get an answer:
//
//   - on a unix socket, every client gets every answer: the permissions of the file decide
//     which clients can connect
//   - health and readiness need nothing
//   - metrics need the token if other machines can reach the address
//   - the page and the lists need the token if one is configured
//   - everything else needs the token
//
// With health_only, only health and readiness are served.
//
// The frontend serves until all other frontends have ended and all events are delivered, so
// that operators can follow a drain. A process that replaces another one on a unix socket
// gives the older process a socket beside its own (older.go).
//
// It measures nothing itself. The values are those of internal/observe/metrics and
// internal/session, of which it keeps samples of the last 15 minutes.
package status
