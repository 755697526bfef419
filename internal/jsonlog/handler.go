package jsonlog

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/tidegate/tidegate/internal/jsonobject"
)

// NewHandler returns a handler that writes each record of level or above to w, as an object in a
// line of its own, with one call of Write, one after the other. replace returns what is written
// instead of an attribute. It gets attributes within groups too, never a group, and may be called
// concurrently.
//
// An object has the members time (RFC 3339), level, msg, and the attributes: numbers and booleans
// as such, a duration as its nanoseconds, a group as an object, an error as its text, and everything
// else as encoding/json encodes it. The place in the source is left out.
func NewHandler(w io.Writer, level slog.Leveler, replace func(slog.Attr) slog.Attr) slog.Handler {
	return handler{level: level, replace: replace, out: &output{w: w}}
}

type handler struct {
	level   slog.Leveler
	replace func(slog.Attr) slog.Attr
	// members are the attributes of the logger, which are formatted once.
	members []byte
	out     *output
}

// output is what all handlers of one writer share.
type output struct {
	// mu is held while a line is written.
	mu sync.Mutex
	w  io.Writer
	// lines has *line for reuse.
	lines sync.Pool
}

// line formats one line at a time.
type line struct {
	jsonobject.Writer
	text []byte
}

// mostKept is the longest line whose memory is kept for other lines, in bytes.
const mostKept = 16 << 10

// Enabled implements slog.Handler.
func (h handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level.Level() }

// Handle implements slog.Handler.
func (h handler) Handle(_ context.Context, r slog.Record) error {
	l, ok := h.out.lines.Get().(*line)
	if !ok {
		l = new(line)
	}
	l.Begin(l.text[:0])
	if !r.Time.IsZero() {
		l.Time(slog.TimeKey, r.Time)
	}
	l.Text(slog.LevelKey, r.Level.String())
	l.Text(slog.MessageKey, r.Message)
	l.Members(h.members)
	r.Attrs(func(a slog.Attr) bool {
		h.add(&l.Writer, a)
		return true
	})
	l.text = append(l.End(), '\n')
	h.out.mu.Lock()
	_, err := h.out.w.Write(l.text)
	h.out.mu.Unlock()
	if cap(l.text) <= mostKept {
		h.out.lines.Put(l)
	}
	return err
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var w jsonobject.Writer
	w.BeginMembers(nil)
	w.Members(h.members)
	for _, a := range attrs {
		h.add(&w, a)
	}
	h.members = w.EndMembers()
	return h
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return group{Handler: h, name: name}
}

// add appends an attribute.
func (h handler) add(to *jsonobject.Writer, a slog.Attr) {
	a.Value = a.Value.Resolve()
	if a.Value.Kind() == slog.KindGroup {
		h.addGroup(to, a)
		return
	}
	a = h.replace(a)
	a.Value = a.Value.Resolve()
	if a.Equal(slog.Attr{}) {
		return
	}
	switch v := a.Value; v.Kind() {
	case slog.KindString:
		to.Text(a.Key, v.String())
	case slog.KindInt64:
		to.Int(a.Key, v.Int64())
	case slog.KindDuration:
		to.Int(a.Key, int64(v.Duration()))
	case slog.KindFloat64:
		to.Float(a.Key, v.Float64())
	case slog.KindBool:
		to.Bool(a.Key, v.Bool())
	case slog.KindTime:
		to.Time(a.Key, v.Time())
	case slog.KindUint64, slog.KindAny, slog.KindLogValuer, slog.KindGroup:
		addAny(to, a.Key, v.Any())
	}
}

// addGroup appends a group as an object, unless nothing is in it. The attributes of a group without
// a name are those of the object around it.
func (h handler) addGroup(to *jsonobject.Writer, a slog.Attr) {
	if isEmpty(a) {
		return
	}
	if a.Key != "" {
		to.Enter(a.Key)
		defer to.Leave()
	}
	for _, inner := range a.Value.Group() {
		h.add(to, inner)
	}
}

// isEmpty reports whether nothing is in an attribute.
func isEmpty(a slog.Attr) bool {
	if a.Value.Kind() != slog.KindGroup {
		return a.Equal(slog.Attr{})
	}
	for _, inner := range a.Value.Group() {
		if !isEmpty(inner) {
			return false
		}
	}
	return true
}

// addAny appends a value of any type. When a method of the value panics, as methods of a nil
// pointer may, or when JSON cannot represent the value, the reason is written in its place: a log
// line must not end the operation that it is about.
func addAny(to *jsonobject.Writer, name string, value any) {
	text, isText := "", false
	func() {
		defer func() {
			if reason := recover(); reason != nil {
				text, isText = fmt.Sprintf("!PANIC: %v", reason), true
			}
		}()
		if err, ok := value.(error); ok {
			if _, marshals := value.(json.Marshaler); !marshals {
				text, isText = err.Error(), true
				return
			}
		}
		if err := to.Value(name, value); err != nil {
			text, isText = fmt.Sprintf("!ERROR: %v", err), true
		}
	}()
	if isText {
		to.Text(name, text)
	}
}
