package main

import (
	"strconv"

	"github.com/tidegate/tidegate/frontends/status"
)

// receiverRows are the rows about the receivers of events, none where there are no receivers.
func receiverRows(r *status.Report) [][]string {
	if len(r.Events) == 0 {
		return nil
	}
	rows := [][]string{{"", "", "", "", ""}, {"EVENTS", "WAITING", "FAILED", "LOST", "STATE"}}
	for _, e := range r.Events {
		state := "ok"
		switch {
		case e.Gone:
			state = "wants no events any more: " + e.Error
		case e.FailingSince != nil:
			state = "failing for " + age(r.At, *e.FailingSince) + ": " + e.Error
		}
		if e.Removed {
			state = "removed, " + state
		}
		rows = append(rows, []string{e.Name, strconv.Itoa(e.Waiting), strconv.Itoa(e.Failed), strconv.FormatInt(e.Lost, 10), state})
	}
	return rows
}

// logRows are the rows about the access logs and audits.
func logRows(r *status.Report) [][]string {
	if len(r.Logs) == 0 {
		return nil
	}
	rows := [][]string{{"", "", "", "", ""}, {"LOG", "WAITING", "LOST", "TO", "STATE"}}
	for _, l := range r.Logs {
		state := "ok"
		if l.FailingSince != nil {
			state = "cannot be written for " + age(r.At, *l.FailingSince) + ": " + l.Error
		}
		rows = append(rows, []string{l.Name, strconv.Itoa(l.Waiting), strconv.FormatInt(l.Lost, 10), l.Output, state})
	}
	return rows
}
