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
// Who may ask is decided in access.go: health and readiness are for everybody who can reach
// the address, metrics too where only this machine can, and so are the page and the lists there
// where no token is configured. Everything else needs the token, or a unix socket, whose file
// permissions decide then. With health_only there is nothing but health and readiness.
//
// It serves until all other frontends have ended and events are delivered, so that a drain can
// be followed. On a unix socket, a process that takes the place of another leaves that one a
// socket beside it (older.go).
//
// It measures nothing itself. The values are those of internal/observe/metrics and
// internal/session, of which it keeps samples of the last 15 minutes.
package status
