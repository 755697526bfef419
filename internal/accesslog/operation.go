package accesslog

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/internal/ftpcode"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// verbOf returns the FTP command for an operation: the one that the client sent or, over
// SFTP, the one that does the same.
func verbOf(e observe.Event) string {
	if e.Command != "" {
		return e.Command
	}
	switch e.Op {
	case "read":
		return "RETR"
	case "write":
		return "STOR"
	case "list":
		return "MLSD"
	case "copy":
		return "CPTO"
	case "mkdir":
		return "MKD"
	case "remove":
		if e.Receipt != nil && e.Receipt.Type == vfs.TypeDir {
			return "RMD"
		}
		return "DELE"
	case "rename":
		return "RNTO"
	case "settime":
		return "MFMT"
	}
	return "STAT"
}

// codeOf returns the code of the reply to an operation: over SFTP, the one that FTP would
// have given.
func codeOf(e observe.Event, verb string) int {
	switch {
	case e.Reply != 0:
		return e.Reply
	case e.Err == nil:
		return ftpcode.Success(verb)
	}
	return ftpcode.Of(verb, vfs.KindOf(e.Err))
}

// replyCode returns the code at the beginning of a reply, 0 for none.
func replyCode(reply string) int {
	text, _, _ := strings.Cut(reply, " ")
	code, _ := strconv.Atoi(text) // over SFTP it is no number
	return code
}

// userName returns a user as TENANT\user, as IIS writes DOMAIN\user, "" for none.
func userName(u session.User) string {
	if u == (session.User{}) {
		return ""
	}
	return u.Tenant + `\` + u.Name
}

// fullPath returns a path of a user as a path of the tenant's tree.
func fullPath(root, path string) string {
	return cmp.Or(strings.TrimSuffix(root, "/")+path, "/")
}

// bytesOf returns how many bytes of a file the client got and sent.
func bytesOf(e observe.Event) (sent, received int64) {
	switch e.Op {
	case "read":
		return e.Bytes, 0
	case "write":
		return 0, e.Bytes
	}
	return 0, 0
}
