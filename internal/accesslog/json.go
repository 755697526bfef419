package accesslog

import (
	"log/slog"
	"time"

	"github.com/tidegate/tidegate/internal/jsonobject"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/vfs"
)

// jsonFormat writes one object a line.
type jsonFormat struct {
	node string
	jsonobject.Writer
}

// maxText is how many bytes of the text of an error a line holds.
const maxText = 4 << 10

// append implements formatter. The names are those of the log, where it has them.
func (j *jsonFormat) append(to []byte, e observe.Event) []byte {
	j.Begin(to)
	j.Text("time", e.Time.UTC().Format("2006-01-02T15:04:05.000Z"))
	j.TextIfAny("event", string(e.Name))
	j.TextIfAny("node", j.node)
	if e.Session != nil {
		j.TextIfAny("session", e.Session.ID)
	}
	j.TextIfAny("proto", e.Protocol)
	j.TextIfAny("frontend", e.Frontend)
	if e.Remote.IsValid() {
		j.TextIfAny("remote_ip", e.Remote.Addr().String())
		j.Int("remote_port", int64(e.Remote.Port()))
	}
	j.TextIfAny("tenant", e.User.Tenant)
	j.TextIfAny("user", e.User.Name)
	j.TextIfAny("login", e.Login[:min(len(e.Login), maxLogin)])
	j.TextIfAny("method", e.Method)
	j.TextIfAny("op", e.Op)
	j.TextIfAny("command", e.Command)
	j.TextIfAny("path", e.Path)
	j.TextIfAny("to", e.To)
	j.TextIfAny("root", e.Root)
	j.TextIfAny("backend", e.Backend)
	isOperation := e.Name == observe.OperationFinished
	if isOperation {
		j.moved(e)
	}
	if e.Duration > 0 {
		j.Float("dur_ms", float64(e.Duration.Microseconds())/1000)
	}
	if isOperation {
		j.result(e)
	}
	j.TextIfAny("reason", e.Reason)
	j.TextIfAny("cause", e.Cause)
	j.TextIfAny("setting", e.Setting)
	if e.Err != nil {
		text := e.Err.Error()
		j.TextIfAny("err", text[:min(len(text), maxText)])
	}
	if isOperation && e.Receipt != nil {
		j.receipt(e.Receipt)
	}
	j.details(e.Attrs)
	return append(j.End(), '\n')
}

// moved appends how much an operation has moved.
func (j *jsonFormat) moved(e observe.Event) {
	switch e.Op {
	case "read", "write", "copy":
		j.Int("bytes", e.Bytes)
	case "list":
		j.Int("entries", e.Entries)
	}
}

// result appends how an operation ended.
func (j *jsonFormat) result(e observe.Event) {
	j.Int("store_requests", e.Requests)
	if status := codeOf(e, verbOf(e)); status != 0 {
		j.Int("status", int64(status))
	}
	if e.Err == nil {
		j.TextIfAny("result", "ok")
		return
	}
	j.TextIfAny("result", vfs.KindOf(e.Err).String())
	if e.Reason == "" {
		j.TextIfAny("reason", vfs.ReasonOf(e.Err))
	}
}

// receipt appends what the store has.
func (j *jsonFormat) receipt(c *vfs.Receipt) {
	j.TextIfAny("url", c.URL)
	j.TextIfAny("etag", c.ETag)
	j.TextIfAny("crc64", c.CRC64)
	if c.Type != vfs.TypeAny {
		j.TextIfAny("type", c.Type.String())
	}
	if c.Size >= 0 && c.Type != vfs.TypeDir {
		j.Int("size", c.Size)
	}
}

// details appends further details, without those that are no JSON.
func (j *jsonFormat) details(attrs []slog.Attr) {
	if len(attrs) == 0 {
		return
	}
	all := make(map[string]any, len(attrs))
	for _, a := range attrs {
		all[a.Key] = detail(a.Value)
	}
	_ = j.Value("details", all) // detail returns what can be encoded
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
