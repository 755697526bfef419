// Package jsonobject appends objects in JSON, member by member, for lines and events of which
// there is one for each file: encoding/json takes three times as long, because it looks at the
// fields of a struct by reflection.
//
//	var o jsonobject.Writer
//	o.Begin(line)
//	o.Text("path", path)
//	o.Int("bytes", n)
//	line = o.End()
//
// Texts are those of encoding/json without the escapes for HTML. It reads no JSON, and looks for
// no name that an object has twice.
package jsonobject
