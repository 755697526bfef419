package wire

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// String describes the request on one line, for people: its type, its id and what it is
// about.
func (r *Request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %d", r.Type, r.ID)
	if r.Type == TypeExtended {
		fmt.Fprintf(&b, " %q", r.Extended)
	}
	if r.Path != "" || r.Target != "" {
		fmt.Fprintf(&b, " %q", r.Path)
	}
	if r.Target != "" {
		fmt.Fprintf(&b, " to %q", r.Target)
	}
	if r.Handle != "" {
		fmt.Fprintf(&b, " handle %x", r.Handle)
	}
	switch r.Type {
	case TypeOpen:
		fmt.Fprintf(&b, " flags %#x", r.Flags)
	case TypeRead:
		fmt.Fprintf(&b, " offset %d length %d", r.Offset, r.Length)
	case TypeSetstat, TypeFsetstat:
		fmt.Fprintf(&b, " attributes %#x", r.Attributes.Flags)
	}
	return b.String()
}

// String describes the request on one line, without its data.
func (w *Write) String() string {
	return fmt.Sprintf("%v %d handle %x offset %d length %d", TypeWrite, w.ID, w.Handle, w.Offset, w.Length)
}

// DescribeAnswers describes the packets of a server in p, one text for each. The last one
// may be cut off.
func DescribeAnswers(p []byte) []string {
	var all []string
	for len(p) > HeadBytes {
		n := int(min(uint64(binary.BigEndian.Uint32(p))+4, uint64(len(p))))
		if n <= HeadBytes {
			break
		}
		all = append(all, describeAnswer(Type(p[4]), p[HeadBytes:n]))
		p = p[n:]
	}
	return all
}

// IsFailure reports whether an answer, which may be cut off, is a STATUS of a failure.
func IsFailure(p []byte) bool {
	code, ok := statusOf(p)
	return ok && code != OK && code != EOF
}

// DescribeOutcome describes an answer without its id, as in "OK", "HANDLE" or
// "NO_SUCH_FILE no such file".
func DescribeOutcome(p []byte) string {
	code, ok := statusOf(p)
	switch {
	case ok && code == OK:
		return code.String()
	case ok:
		f := &Fields{Rest: p[HeadBytes+8:]}
		return code.String() + " " + f.Text()
	case len(p) > HeadBytes:
		return Type(p[4]).String()
	}
	return ""
}

// statusOf returns the code of a STATUS. ok is false for another packet.
func statusOf(p []byte) (code Code, ok bool) {
	if len(p) < HeadBytes+8 || Type(p[4]) != TypeStatus {
		return 0, false
	}
	return Code(binary.BigEndian.Uint32(p[HeadBytes+4:])), true
}

// describeAnswer describes a packet with that body.
func describeAnswer(t Type, body []byte) string {
	f := &Fields{Rest: body}
	id := f.Uint32()
	text := fmt.Sprintf("%v %d", t, id)
	switch t {
	case TypeStatus:
		code := Code(f.Uint32())
		text += fmt.Sprintf(" %d %q", code, f.Text())
	case TypeHandle:
		text += fmt.Sprintf(" %x", f.Text())
	case TypeData:
		text += fmt.Sprintf(" length %d", f.Uint32())
	case TypeName:
		text += fmt.Sprintf(" entries %d", f.Uint32())
	case TypeVersion: // the number is that of the version
	}
	return text
}
