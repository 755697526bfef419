package notify

import (
	"encoding/json"
	"strconv"
)

// encode returns the event in JSON, the same as json.Marshal would, which takes half of the
// processor time that an event in a batch costs.
func (e *Event) encode() ([]byte, error) {
	b := encoder{text: make([]byte, 0, 768), separator: '{'}
	b.always("specversion", e.SpecVersion)
	b.always("id", e.ID)
	b.always("source", e.Source)
	b.always("type", e.Type)
	b.always("subject", e.Subject)
	b.always("time", e.Time)
	b.always("datacontenttype", e.DataContentType)
	b.name("data")
	b.separator = '{'
	d := &e.Data
	b.always("operation", d.Operation)
	b.always("tenant", d.Tenant)
	b.always("user", d.User)
	b.always("protocol", d.Protocol)
	b.unlessEmpty("clientIp", d.ClientIP)
	if d.ClientPort != 0 {
		b.number("clientPort", int64(d.ClientPort))
	}
	b.always("session", d.Session)
	b.always("node", d.Node)
	b.always("backend", d.Backend)
	b.always("path", d.Path)
	b.unlessEmpty("oldPath", d.OldPath)
	b.unlessEmpty("sourcePath", d.SourcePath)
	b.unlessEmpty("url", d.URL)
	b.unlessEmpty("eTag", d.ETag)
	b.unlessEmpty("crc64", d.CRC64)
	if d.ContentLength != nil {
		b.number("contentLength", *d.ContentLength)
	}
	return append(b.text, "}}"...), b.err
}

// encoder appends the fields of an object.
type encoder struct {
	text []byte
	// separator comes before the next field.
	separator byte
	err       error
}

// name begins a field.
func (b *encoder) name(name string) {
	b.text = append(b.text, b.separator, '"')
	b.text = append(append(b.text, name...), '"', ':')
	b.separator = ','
}

func (b *encoder) unlessEmpty(name, value string) {
	if value != "" {
		b.always(name, value)
	}
}

func (b *encoder) number(name string, n int64) {
	b.name(name)
	b.text = strconv.AppendInt(b.text, n, 10)
}

func (b *encoder) always(name, value string) {
	b.name(name)
	if plain(value) {
		b.text = append(append(append(b.text, '"'), value...), '"')
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		b.err = err
	}
	b.text = append(b.text, text...)
}

// plain reports whether JSON has a text as it is.
func plain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}
