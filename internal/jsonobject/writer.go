package jsonobject

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// Writer appends one object at a time. The zero value is ready for Begin. It is used by one
// goroutine at a time.
type Writer struct {
	text []byte
	// separator comes before the next member, unless it is 0.
	separator byte
	// encoded is what encode returned last.
	encoded bytes.Buffer
}

// Begin begins an object behind to.
func (w *Writer) Begin(to []byte) { w.text, w.separator = to, '{' }

// End ends the object, and returns it behind what Begin got.
func (w *Writer) End() []byte {
	w.Leave()
	return w.text
}

// BeginMembers begins the members of an object, which Members appends to others, behind to.
func (w *Writer) BeginMembers(to []byte) { w.text, w.separator = to, 0 }

// EndMembers returns the members behind what BeginMembers got.
func (w *Writer) EndMembers() []byte { return w.text }

// Members appends what EndMembers has returned.
func (w *Writer) Members(members []byte) {
	if len(members) == 0 {
		return
	}
	w.separate()
	w.text = append(w.text, members...)
}

// Enter begins a member that is an object. The members that follow are its own, until Leave.
func (w *Writer) Enter(name string) {
	w.name(name)
	w.separator = '{'
}

// Leave ends the object that Enter has begun.
func (w *Writer) Leave() {
	if w.separator == '{' {
		w.text = append(w.text, '{')
	}
	w.text = append(w.text, '}')
	w.separator = ','
}

// Text appends a text. Bytes that are not UTF-8 become U+FFFD.
func (w *Writer) Text(name, value string) {
	w.name(name)
	w.quote(value)
}

// TextIfAny appends a text unless it is empty.
func (w *Writer) TextIfAny(name, value string) {
	if value != "" {
		w.Text(name, value)
	}
}

// Int appends a whole number.
func (w *Writer) Int(name string, n int64) {
	w.name(name)
	w.text = strconv.AppendInt(w.text, n, 10)
}

// Float appends a number without an exponent. One that JSON cannot have becomes the text
// NaN, +Inf or -Inf.
func (w *Writer) Float(name string, f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		w.Text(name, strconv.FormatFloat(f, 'f', -1, 64))
		return
	}
	w.name(name)
	w.text = strconv.AppendFloat(w.text, f, 'f', -1, 64)
}

// Bool appends true or false.
func (w *Writer) Bool(name string, b bool) {
	w.name(name)
	w.text = strconv.AppendBool(w.text, b)
}

// Time appends a time as RFC 3339 writes it, with the digits of a second that are not zero.
func (w *Writer) Time(name string, t time.Time) {
	w.name(name)
	w.text = append(w.text, '"')
	w.text = t.AppendFormat(w.text, time.RFC3339Nano)
	w.text = append(w.text, '"')
}

// Value appends any value as encoding/json writes it. It appends nothing where that fails, and
// returns its error.
func (w *Writer) Value(name string, value any) error {
	encoded, err := w.encode(value)
	if err != nil {
		return err
	}
	w.name(name)
	w.text = append(w.text, encoded...)
	return nil
}

// name begins a member.
func (w *Writer) name(name string) {
	w.separate()
	w.quote(name)
	w.text = append(w.text, ':')
}

// separate appends what comes before a member.
func (w *Writer) separate() {
	if w.separator != 0 {
		w.text = append(w.text, w.separator)
	}
	w.separator = ','
}

// quote appends a text in quotes.
func (w *Writer) quote(text string) {
	if !isPlain(text) {
		escaped, _ := w.encode(text) // every text can be encoded
		w.text = append(w.text, escaped...)
		return
	}
	w.text = append(w.text, '"')
	w.text = append(w.text, text...)
	w.text = append(w.text, '"')
}

// encode returns a value in JSON until the next call, or the error of encoding/json.
func (w *Writer) encode(value any) ([]byte, error) {
	w.encoded.Reset()
	encoder := json.NewEncoder(&w.encoded)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(w.encoded.Bytes(), []byte{'\n'}), err
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
