package notify

import "github.com/tidegate/tidegate/internal/jsonobject"

// encode returns the event in JSON, as encoding/json writes it without escapes for HTML: that
// would take half of the processor time that an event in a batch costs.
func (e *Event) encode() []byte {
	var b jsonobject.Writer
	b.Begin(make([]byte, 0, 768))
	b.Text("specversion", e.SpecVersion)
	b.Text("id", e.ID)
	b.Text("source", e.Source)
	b.Text("type", e.Type)
	b.Text("subject", e.Subject)
	b.Text("time", e.Time)
	b.Text("datacontenttype", e.DataContentType)
	b.Enter("data")
	d := &e.Data
	b.Text("operation", d.Operation)
	b.Text("tenant", d.Tenant)
	b.Text("user", d.User)
	b.Text("protocol", d.Protocol)
	b.TextIfAny("clientIp", d.ClientIP)
	if d.ClientPort != 0 {
		b.Int("clientPort", int64(d.ClientPort))
	}
	b.Text("session", d.Session)
	b.Text("node", d.Node)
	b.Text("backend", d.Backend)
	b.Text("path", d.Path)
	b.TextIfAny("oldPath", d.OldPath)
	b.TextIfAny("sourcePath", d.SourcePath)
	b.TextIfAny("url", d.URL)
	b.TextIfAny("eTag", d.ETag)
	b.TextIfAny("crc64", d.CRC64)
	if d.ContentLength != nil {
		b.Int("contentLength", *d.ContentLength)
	}
	b.Leave()
	return b.End()
}
