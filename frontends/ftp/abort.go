package ftp

// abortCondition is a reason not to commit an upload.
type abortCondition struct {
	// code and text are the reply.
	code int
	text string
	// reason is for the log.
	reason string
	// setting would have accepted the upload; "" when none would.
	setting string
}

func (d *abortCondition) Error() string { return d.reason }

// Condition implements observe.Condition.
func (d *abortCondition) Condition() string { return d.reason }

// The abort conditions. RFC 959, 4.1.1: an unexpected close of the
// control connection has the effect of an ABOR and a QUIT.
var (
	errAborted     = &abortCondition{426, "Transfer aborted", "client sent ABOR", ""}
	errControlLost = &abortCondition{426, "Transfer aborted", "control connection was lost", `on_control_lost = "commit"`}
	errUnheard     = &abortCondition{426, "Transfer aborted, too many commands wait", "too many commands wait to be read: one of them may be ABOR", ""}
	errShutdown    = &abortCondition{426, "Aborted, server is going down", "server is shutting down", ""}
	errShort       = &abortCondition{426, "Fewer bytes than ALLO announced", "fewer bytes than ALLO announced", `allo = "hint"`}
	errTruncated   = &abortCondition{
		426, "TLS data connection ended without close_notify", "data connection ended without close_notify",
		"require_close_notify = false",
	}
	errTruncatedLost = &abortCondition{426, "Transfer aborted", "control connection was lost, and the data connection ended without close_notify", ""}
	errMixUp         = &abortCondition{
		451, "Data connections of your address may have been mixed up, try again",
		"another connection came from this address: data connections may have been mixed up", "",
	}
)
