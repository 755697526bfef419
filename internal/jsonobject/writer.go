package jsonobject

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Writer appends one object at a time. The zero value is ready for Begin. It is used by one
// goroutine at a time.
type Writer struct {
	text []byte
	// separator comes before the next member.
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
	if !isPlain(value) {
		escaped, _ := w.encode(value) // every text can be encoded
		w.text = append(w.text, escaped...)
		return
	}
	w.text = append(w.text, '"')
	w.text = append(w.text, value...)
	w.text = append(w.text, '"')
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

// Float appends a number, which must be finite, without an exponent.
func (w *Writer) Float(name string, f float64) {
	w.name(name)
	w.text = strconv.AppendFloat(w.text, f, 'f', -1, 64)
}

// Value appends any value as encoding/json writes it, and nothing where that cannot.
func (w *Writer) Value(name string, value any) {
	if encoded, ok := w.encode(value); ok {
		w.name(name)
		w.text = append(w.text, encoded...)
	}
}

// name begins a member.
func (w *Writer) name(name string) {
	w.text = append(w.text, w.separator, '"')
	w.text = append(w.text, name...)
	w.text = append(w.text, '"', ':')
	w.separator = ','
}

// encode returns a value in JSON until the next call; ok is false where it is none.
func (w *Writer) encode(value any) (text []byte, ok bool) {
	w.encoded.Reset()
	encoder := json.NewEncoder(&w.encoded)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(w.encoded.Bytes(), []byte{'\n'}), err == nil
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
