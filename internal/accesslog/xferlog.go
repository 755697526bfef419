package accesslog

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/vfs"
)

// xferlog is the format of wu-ftpd, vsftpd and ProFTPD (xferlog(5)): a line for each file
// that was read, written or removed, in local time.
type xferlog struct{}

func (xferlog) append(to []byte, e observe.Event) []byte {
	direction, ok := transferred(e)
	if !ok {
		return to
	}
	size, status := e.Bytes, "c"
	if e.Err != nil {
		status = "i"
	}
	if e.Op == "remove" && e.Receipt != nil {
		size = max(e.Receipt.Size, 0)
	}
	to = e.Time.AppendFormat(to, "Mon Jan 02 15:04:05 2006 ")
	to = strconv.AppendInt(to, max(int64((e.Duration+time.Second/2)/time.Second), 1), 10)
	host := "-"
	if e.Remote.IsValid() {
		host = e.Remote.Addr().String()
	}
	to = append(append(append(to, ' '), host...), ' ')
	to = strconv.AppendInt(to, size, 10)
	to = appendUnderscored(to, fullPath(e.Root, e.Path))
	to = append(append(append(to, " b _ "...), direction), " r"...)
	to = appendUnderscored(to, userName(e.User))
	to = appendUnderscored(to, e.Protocol)
	return append(append(append(to, " 0 * "...), status...), '\n')
}

// transferred returns the direction of what an operation has moved: "o" for a file that was
// read, "i" for one that was written, "d" for one that was removed. A file whose transfer has
// not begun has no line.
func transferred(e observe.Event) (direction byte, ok bool) {
	if e.Name != observe.OperationFinished {
		return 0, false
	}
	begun := e.Err == nil || e.Bytes > 0 || vfs.KindOf(e.Err) == vfs.KindCanceled
	switch e.Op {
	case "read":
		return 'o', begun
	case "write":
		return 'i', begun
	case "remove":
		return 'd', e.Err == nil && !(e.Receipt != nil && e.Receipt.Type == vfs.TypeDir)
	}
	return 0, false
}

// appendUnderscored appends a space and a value in which "_" stands for spaces, control
// characters and what is no UTF-8.
func appendUnderscored(to []byte, text string) []byte {
	return append(append(to, ' '), strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError {
			return '_'
		}
		return r
	}, text)...)
}
