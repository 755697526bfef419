package status

import (
	"fmt"
	"time"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/accesslog"
	"github.com/tidegate/tidegate/internal/notify"
)

// Outputs are where the process reports to, beside its own log.
type Outputs struct {
	// Events are the receivers of events, Logs the access logs and audits.
	Events []Receiver `json:"events"`
	Logs   []Log      `json:"logs"`
	// Undelivered says, while the process drains, which events it still has to deliver, a
	// sentence without a full stop for each receiver.
	Undelivered []string `json:"undelivered,omitempty"`
}

// Receiver is a receiver of events.
type Receiver struct {
	Name string `json:"name"`
	// Waiting is how many events are to be delivered, Failed how many of them were sent
	// already and not accepted.
	Waiting int `json:"waiting"`
	Failed  int `json:"failed"`
	// Delivered and Lost count events since the start.
	Delivered int64 `json:"delivered"`
	Lost      int64 `json:"lost"`
	// Error says why the last attempt has failed, FailingSince when the first one has: ""
	// and nil when no event waits that has failed.
	Error        string     `json:"error,omitempty"`
	ErrorAt      *time.Time `json:"error_at,omitempty"`
	FailingSince *time.Time `json:"failing_since,omitempty"`
	// Gone: the receiver has answered that it wants no events any more. Removed: the
	// configuration has it no more.
	Gone    bool `json:"gone,omitempty"`
	Removed bool `json:"removed,omitempty"`
}

// Log is an access log or an audit.
type Log struct {
	Name string `json:"name"`
	// Output is where the lines go: a path, "standard output" or a syslog server.
	Output string `json:"output"`
	// Waiting is how many events wait for their line, Lost how many have none, since the start.
	Waiting int   `json:"waiting"`
	Lost    int64 `json:"lost"`
	// Error says why lines cannot be written, FailingSince since when: "" and nil while they
	// can.
	Error        string     `json:"error,omitempty"`
	FailingSince *time.Time `json:"failing_since,omitempty"`
}

func outputs(state *frontends.State) Outputs {
	o := Outputs{Events: receivers(state.Events), Logs: logs(state.Logs)}
	if state.Phase == "draining" {
		o.Undelivered = undelivered(o.Events)
	}
	return o
}

// receivers returns the receivers of events.
func receivers(all []notify.Status) []Receiver {
	list := make([]Receiver, len(all))
	for i, s := range all {
		list[i] = Receiver{
			Name: s.Name, Waiting: s.Waiting, Failed: s.Failed, Delivered: s.Delivered, Lost: s.Lost,
			Error: s.Err, ErrorAt: moment(s.ErrAt), FailingSince: moment(s.Since), Gone: s.Gone, Removed: s.Removed,
		}
	}
	return list
}

// logs returns the access logs and audits.
func logs(all []accesslog.Status) []Log {
	list := make([]Log, len(all))
	for i, s := range all {
		list[i] = Log{Name: s.Name, Output: s.Output, Waiting: s.Waiting, Lost: s.Lost, Error: s.Err, FailingSince: moment(s.Since)}
	}
	return list
}

// moment returns nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func undelivered(receivers []Receiver) (all []string) {
	for i := range receivers {
		switch r := &receivers[i]; {
		case r.Waiting == 1:
			all = append(all, "1 event still to be delivered to "+r.Name)
		case r.Waiting > 1:
			all = append(all, fmt.Sprintf("%d events still to be delivered to %s", r.Waiting, r.Name))
		}
	}
	return all
}
