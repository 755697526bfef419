package ftp

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/tracing"
)

// answering knows which command the next final reply is for: the access logs of IIS's format
// have a line for each. Commands are processed one after the other; what is answered during
// a transfer is an exception, see aside.
type answering struct{ due atomic.Pointer[dueCommand] }

// dueCommand is a command without its final reply.
type dueCommand struct {
	verb, arg string
	begun     time.Time
}

// begins notes that a command is processed from now on. It returns the one before, if its
// final reply is still due.
func (a *answering) begins(l control.Line) *dueCommand {
	return a.due.Swap(&dueCommand{l.Verb, argumentOf(l), time.Now()})
}

// argumentOf is the argument as logs show it.
func argumentOf(l control.Line) string {
	if l.Verb == "PASS" || l.Verb == "ACCT" {
		return "***"
	}
	return l.Arg
}

// replied reports the command that a reply is for. A preliminary reply is for none, and so is
// one that the gateway sends of its own accord.
func (d dialogue) replied(text string) {
	code, _ := strconv.Atoi(text[:min(len(text), 3)])
	if code < 200 {
		return
	}
	if c := d.answering.due.Swap(nil); c != nil {
		d.srv.observe.CommandAnswered(d.ctx, d.client, c.verb, c.arg, code, time.Since(c.begun))
	}
}

// wire is the control connection, with what its replies are for.
type wire struct {
	*control.Conn
	*answering
}

// aside replies to a command that comes while another one is executed.
func (w wire) aside(l control.Line, code int, text string) {
	executed := w.begins(l)
	w.Reply(code, text)
	w.due.Store(executed)
}

// dataChannel reports, once, that the client's data connection is there.
func (t *transfer) dataChannel() {
	if t.report.channel.opened.IsZero() && t.data.IsBound() && t.data.Arrived() {
		t.report.channel.opened, t.report.channel.port = time.Now(), t.data.LocalPort()
		t.s.srv.observe.DataChannel(t.s.ctx, t.s.client, observe.DataChannelOpened, t.report.channel.port, 0)
	}
}

// endDataChannel reports the end of a data connection that was there.
func (t *transfer) endDataChannel() {
	if t.data.IsBound() {
		began, until := t.data.Waited()
		cause := ""
		if !t.data.Arrived() {
			cause = "no_data_connection"
		}
		tracing.RecordStep(t.s.ctx, tracing.DataConnection, began, until, cause)
	}
	if t.dataChannel(); !t.report.channel.opened.IsZero() {
		t.s.srv.observe.DataChannel(t.s.ctx, t.s.client, observe.DataChannelClosed, t.report.channel.port, time.Since(t.report.channel.opened))
	}
}

// dataChannel is what is reported about a data connection.
type dataChannel struct {
	opened time.Time
	port   uint16
}

// report is what is to be reported of a transfer. The outcomes wait for the end: see observed.
type report struct {
	channel  dataChannel
	outcomes []outcome
}
