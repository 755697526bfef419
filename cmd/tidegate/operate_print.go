package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/tidegate/tidegate/frontends/status"
)

// printReport prints what a process does for people.
func printReport(w io.Writer, answer []byte) error {
	var r status.Report
	if err := json.Unmarshal(answer, &r); err != nil {
		return err
	}
	rows := [][]string{
		{"node", r.Node},
		{"version", r.Version},
		{"state", r.State + " for " + age(r.At, r.Since)},
		{"up", age(r.At, r.Started)},
		{"sessions", fmt.Sprintf("%d, transfers %d", r.Sessions, r.Transfers)},
		{"rate", fmt.Sprintf("in %s/s, out %s/s", size(int64(r.InRate)), size(int64(r.OutRate)))},
		{"memory", fmt.Sprintf("%s held of %s: %s for transfers (transfers.memory), %s for sessions",
			size(r.Memory.Held), size(r.Memory.Limit), size(r.Memory.Transfers), size(r.Memory.Limit-r.Memory.Transfers))},
		{"resident", fmt.Sprintf("%s: %s of the program, %s held, %s of Go: stacks, garbage, and what is kept for later",
			size(r.Memory.Resident), size(r.Memory.Program), size(r.Memory.Held), size(r.Memory.Other()))},
	}
	for _, why := range r.NotReady {
		rows = append(rows, []string{"not ready", why})
	}
	for _, what := range r.Undelivered {
		rows = append(rows, []string{"draining", what})
	}
	if r.ReloadError != "" {
		rows = append(rows, []string{"last reload", "refused: " + r.ReloadError})
	}
	if o := r.Older; o != nil {
		rows = append(rows, []string{"older process", fmt.Sprintf("process %d drains for %s; sessions %d, transfers %d: tidegate status -at unix:%s",
			o.PID, age(r.At, o.Since), o.Sessions, o.Transfers, o.Socket)})
	}
	for _, l := range r.Listeners {
		text := l.Name + " " + l.Address
		if l.Advertised != "" {
			text += ", PASV announces " + l.Advertised
		}
		rows = append(rows, []string{"listener", text})
	}
	for _, p := range r.Memory.Parts {
		if p.Waiting > 0 {
			rows = append(rows, []string{"waiting", fmt.Sprintf("%d for memory: %s", p.Waiting, p.Name)})
		}
	}
	if err := table(w, rows); err != nil {
		return err
	}
	tenants := [][]string{{"", "", "", ""}, {"TENANT", "SESSIONS", "IN/s", "OUT/s"}}
	for _, t := range r.Tenants {
		tenants = append(tenants, []string{t.Name, strconv.Itoa(t.Sessions), size(int64(t.InRate)), size(int64(t.OutRate))})
	}
	if err := table(w, tenants); err != nil {
		return err
	}
	stores := [][]string{{"", "", "", "", ""}, {"BACKEND", "REQUESTS/5m", "FAILED", "THROTTLED", "MEAN"}}
	for _, b := range r.Backends {
		row := []string{b.Name, strconv.FormatInt(b.Requests, 10), strconv.FormatInt(b.Failed, 10), strconv.FormatInt(b.Throttled, 10), seconds(b.Latency)}
		switch {
		case !b.Available:
			row = []string{b.Name, "not open", "", "", ""}
		case !b.Counted:
			row = []string{b.Name, "-", "-", "-", "-"}
		}
		stores = append(stores, row)
	}
	for _, rows := range [][][]string{stores, receiverRows(&r), logRows(&r)} {
		if err := table(w, rows); err != nil {
			return err
		}
	}
	if len(r.Refusals) == 0 {
		return nil
	}
	refusals := [][]string{{"", "", "", "", "", ""}, {"REFUSED", "WHAT", "AT", "FROM", "SETTING", "WHY"}}
	for _, e := range r.Refusals[:min(len(r.Refusals), 10)] {
		refusals = append(refusals, []string{age(r.At, e.At) + " ago", e.Event, e.Frontend, strings.TrimSpace(e.Remote + " " + e.User), cmp.Or(e.Setting, "-"), e.Reason})
	}
	return table(w, refusals)
}

// printSessions prints the live sessions for people.
func printSessions(w io.Writer, answer []byte) error {
	var all struct{ Sessions []status.Session }
	if err := json.Unmarshal(answer, &all); err != nil {
		return err
	}
	rows := [][]string{{"ID", "PROTOCOL", "USER", "REMOTE", "SINCE", "IN", "OUT", "RATE", "DOES"}}
	for _, s := range all.Sessions {
		user, does := "-", []string{}
		if s.User != "" {
			user = s.Tenant + "/" + s.User
		}
		for _, o := range s.Operations {
			does = append(does, o.Op+" "+o.Path+" "+size(o.Bytes))
		}
		rows = append(rows, []string{
			s.ID, s.Protocol, user, s.Remote, s.Since.UTC().Format("2006-01-02 15:04:05"), size(s.In), size(s.Out),
			size(int64(s.Rate)) + "/s", strings.Join(does, ", "),
		})
	}
	return table(w, rows)
}

// age returns how long ago something was, to the second.
func age(now, then time.Time) string { return max(now.Sub(then), 0).Round(time.Second).String() }

func seconds(s float64) string {
	return time.Duration(s * float64(time.Second)).Round(time.Millisecond).String()
}

// printable replaces what a terminal would not print as it is.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\ufffd'
	}, text)
}

// printAnswer prints an answer unchanged, except for characters that would control a terminal.
func printAnswer(w io.Writer, answer []byte) error {
	for line := range strings.Lines(string(answer)) {
		if _, err := fmt.Fprintln(w, printable(strings.TrimRight(line, "\r\n"))); err != nil {
			return err
		}
	}
	return nil
}
