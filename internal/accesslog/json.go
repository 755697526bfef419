package accesslog

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/vfs"
)

// jsonFormat writes one object a line.
type jsonFormat struct {
	node string
	// line is what append has so far, encoded what encode returned last.
	line    []byte
	encoded bytes.Buffer
}

// maxText is how many bytes of the text of an error a line holds.
const maxText = 4 << 10

// append implements formatter. The names are those of the log, where it has them. The object is
// put together by hand: with encoding/json alone, a line took twice as long as with all the
// rest of the access log.
func (j *jsonFormat) append(to []byte, e observe.Event) []byte {
	j.line = append(to, `{"time":"`...)
	j.line = e.Time.UTC().AppendFormat(j.line, "2006-01-02T15:04:05.000Z")
	j.line = append(j.line, '"')
	j.text("event", string(e.Name))
	j.text("node", j.node)
	if e.Session != nil {
		j.text("session", e.Session.ID)
	}
	j.text("proto", e.Protocol)
	j.text("frontend", e.Frontend)
	if e.Remote.IsValid() {
		j.text("remote_ip", e.Remote.Addr().String())
		j.number("remote_port", int64(e.Remote.Port()))
	}
	j.text("tenant", e.User.Tenant)
	j.text("user", e.User.Name)
	j.text("login", e.Login[:min(len(e.Login), maxLogin)])
	j.text("method", e.Method)
	j.text("op", e.Op)
	j.text("command", e.Command)
	j.text("path", e.Path)
	j.text("to", e.To)
	j.text("root", e.Root)
	j.text("backend", e.Backend)
	isOperation := e.Name == observe.OperationFinished
	if isOperation {
		j.moved(e)
	}
	if e.Duration > 0 {
		j.name("dur_ms")
		j.line = strconv.AppendFloat(j.line, float64(e.Duration.Microseconds())/1000, 'f', -1, 64)
	}
	if isOperation {
		j.result(e)
	}
	j.text("reason", e.Reason)
	j.text("cause", e.Cause)
	j.text("setting", e.Setting)
	if e.Err != nil {
		text := e.Err.Error()
		j.text("err", text[:min(len(text), maxText)])
	}
	if isOperation && e.Receipt != nil {
		j.receipt(e.Receipt)
	}
	j.details(e.Attrs)
	return append(j.line, "}\n"...)
}

// moved appends how much an operation has moved.
func (j *jsonFormat) moved(e observe.Event) {
	switch e.Op {
	case "read", "write", "copy":
		j.number("bytes", e.Bytes)
	case "list":
		j.number("entries", e.Entries)
	}
}

// result appends how an operation ended.
func (j *jsonFormat) result(e observe.Event) {
	j.number("store_requests", e.Requests)
	if status := codeOf(e, verbOf(e)); status != 0 {
		j.number("status", int64(status))
	}
	if e.Err == nil {
		j.text("result", "ok")
		return
	}
	j.text("result", vfs.KindOf(e.Err).String())
	if e.Reason == "" {
		j.text("reason", vfs.ReasonOf(e.Err))
	}
}

// receipt appends what the store has.
func (j *jsonFormat) receipt(c *vfs.Receipt) {
	j.text("url", c.URL)
	j.text("etag", c.ETag)
	j.text("crc64", c.CRC64)
	if c.Type != vfs.TypeAny {
		j.text("type", c.Type.String())
	}
	if c.Size >= 0 && c.Type != vfs.TypeDir {
		j.number("size", c.Size)
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
	if value, ok := j.encode(all); ok {
		j.name("details")
		j.line = append(j.line, value...)
	}
}

// name appends the name of a member.
func (j *jsonFormat) name(name string) {
	j.line = append(j.line, `,"`...)
	j.line = append(j.line, name...)
	j.line = append(j.line, `":`...)
}

// text appends a member unless it is empty.
func (j *jsonFormat) text(name, value string) {
	if value == "" {
		return
	}
	j.name(name)
	if isPlain(value) {
		j.line = append(j.line, '"')
		j.line = append(j.line, value...)
		j.line = append(j.line, '"')
		return
	}
	escaped, _ := j.encode(value) // any text can be encoded
	j.line = append(j.line, escaped...)
}

func (j *jsonFormat) number(name string, n int64) {
	j.name(name)
	j.line = strconv.AppendInt(j.line, n, 10)
}

// isPlain reports whether a text is the same within the quotes of JSON.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// encode returns a value in JSON until the next call; ok is false where it is none.
func (j *jsonFormat) encode(value any) (text []byte, ok bool) {
	j.encoded.Reset()
	encoder := json.NewEncoder(&j.encoded)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(j.encoded.Bytes(), []byte{'\n'}), err == nil
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
