package accesslog

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/vfs"
)

// jsonFormat writes one object a line.
type jsonFormat struct {
	node string
	text bytes.Buffer
}

// maxText is how many bytes of the text of an error a line holds.
const maxText = 4 << 10

// record is an event in JSON. The names are those of the log, where it has them.
type record struct {
	Time       string         `json:"time"`
	Event      observe.Name   `json:"event"`
	Node       string         `json:"node,omitempty"`
	Session    string         `json:"session,omitempty"`
	Protocol   string         `json:"proto,omitempty"`
	Frontend   string         `json:"frontend,omitempty"`
	RemoteIP   string         `json:"remote_ip,omitempty"`
	RemotePort uint16         `json:"remote_port,omitempty"`
	Tenant     string         `json:"tenant,omitempty"`
	User       string         `json:"user,omitempty"`
	Login      string         `json:"login,omitempty"`
	Method     string         `json:"method,omitempty"`
	Op         string         `json:"op,omitempty"`
	Command    string         `json:"command,omitempty"`
	Path       string         `json:"path,omitempty"`
	To         string         `json:"to,omitempty"`
	Root       string         `json:"root,omitempty"`
	Backend    string         `json:"backend,omitempty"`
	Bytes      *int64         `json:"bytes,omitempty"`
	Entries    *int64         `json:"entries,omitempty"`
	DurationMS *float64       `json:"dur_ms,omitempty"`
	Requests   *int64         `json:"store_requests,omitempty"`
	Status     int            `json:"status,omitempty"`
	Result     string         `json:"result,omitempty"`
	Reason     string         `json:"reason,omitempty"`
	Cause      string         `json:"cause,omitempty"`
	Setting    string         `json:"setting,omitempty"`
	Err        string         `json:"err,omitempty"`
	URL        string         `json:"url,omitempty"`
	ETag       string         `json:"etag,omitempty"`
	CRC64      string         `json:"crc64,omitempty"`
	Type       string         `json:"type,omitempty"`
	Size       *int64         `json:"size,omitempty"`
	Details    map[string]any `json:"details,omitempty"`
}

func (j *jsonFormat) append(to []byte, e observe.Event) []byte {
	r := record{
		Time: e.Time.UTC().Format("2006-01-02T15:04:05.000Z"), Event: e.Name, Node: j.node, Protocol: e.Protocol, Frontend: e.Frontend,
		Tenant: e.User.Tenant, User: e.User.Name, Login: e.Login[:min(len(e.Login), maxLogin)], Method: e.Method, Op: e.Op, Command: e.Command,
		Path: e.Path, To: e.To, Root: e.Root, Backend: e.Backend, Reason: e.Reason, Cause: e.Cause, Setting: e.Setting,
	}
	if e.Session != nil {
		r.Session = e.Session.ID
	}
	if e.Remote.IsValid() {
		r.RemoteIP, r.RemotePort = e.Remote.Addr().String(), e.Remote.Port()
	}
	if e.Duration > 0 {
		ms := float64(e.Duration.Microseconds()) / 1000
		r.DurationMS = &ms
	}
	if e.Err != nil {
		text := e.Err.Error()
		r.Err = text[:min(len(text), maxText)]
	}
	if e.Name == observe.OperationFinished {
		r.operation(e)
	}
	for _, a := range e.Attrs {
		if r.Details == nil {
			r.Details = map[string]any{}
		}
		r.Details[a.Key] = detail(a.Value)
	}
	j.text.Reset()
	encoder := json.NewEncoder(&j.text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil { // a detail that is no JSON
		r.Details = nil
		j.text.Reset()
		_ = encoder.Encode(r)
	}
	return append(to, j.text.Bytes()...)
}

// operation adds what only an operation has.
func (r *record) operation(e observe.Event) {
	r.Result = "ok"
	r.Status, r.Requests = codeOf(e, verbOf(e)), &e.Requests
	if e.Err != nil {
		r.Result, r.Reason = vfs.KindOf(e.Err).String(), vfs.ReasonOf(e.Err)
	}
	switch e.Op {
	case "read", "write", "copy":
		r.Bytes = &e.Bytes
	case "list":
		r.Entries = &e.Entries
	}
	if c := e.Receipt; c != nil {
		r.URL, r.ETag, r.CRC64 = c.URL, c.ETag, c.CRC64
		if c.Type != vfs.TypeAny {
			r.Type = c.Type.String()
		}
		if c.Size >= 0 && c.Type != vfs.TypeDir {
			r.Size = &c.Size
		}
	}
}

// detail returns the value of a detail as JSON has it: durations in milliseconds, errors as
// texts.
func detail(v slog.Value) any {
	switch v := v.Resolve().Any().(type) {
	case time.Duration:
		return float64(v.Microseconds()) / 1000
	case error:
		return v.Error()
	default:
		return v
	}
}
