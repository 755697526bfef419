package ftp

import (
	"slices"
	"strings"

	"github.com/tidegate/tidegate/vfs"
)

// answer is a reply code with its text.
type answer struct {
	code int
	text string
}

// kindReply is a row of the one table from error kinds to reply codes.
type kindReply struct {
	code int
	// create is the code where the error is about a name that the client
	// wants to write to: STOR, STOU, APPE, RNTO (RFC 959, 5.4: 553).
	create int
}

// kindReplies returns the table. RFC 959, 4.2 has the meaning of the codes; 554
// is RFC 3659, 5.4's for a REST that does not fit.
func kindReplies() map[vfs.Kind]kindReply {
	return map[vfs.Kind]kindReply{
		vfs.KindInternal:    {451, 451},
		vfs.KindNotExist:    {550, 553},
		vfs.KindExist:       {550, 553},
		vfs.KindIsDir:       {550, 553},
		vfs.KindNotDir:      {550, 553},
		vfs.KindNotEmpty:    {550, 550},
		vfs.KindPermission:  {550, 553},
		vfs.KindInvalid:     {553, 553},
		vfs.KindOffset:      {554, 554},
		vfs.KindUnsupported: {504, 504},
		vfs.KindCrossMount:  {553, 553},
		vfs.KindTooMany:     {553, 553},
		vfs.KindTooLarge:    {552, 552},
		vfs.KindConflict:    {450, 450},
		vfs.KindLocked:      {550, 550},
		vfs.KindNoSpace:     {452, 452},
		vfs.KindQuota:       {552, 552},
		vfs.KindBusy:        {450, 450},
		vfs.KindUnavailable: {451, 451},
		vfs.KindCanceled:    {426, 426},
	}
}

// errorAnswer is the reply to the command called verb that failed with err.
func errorAnswer(verb string, err error) answer {
	row := kindReplies()[vfs.KindOf(err)]
	code := row.code
	switch {
	case slices.Contains([]string{"STOR", "STOU", "APPE", "RNTO"}, verb):
		code = row.create
	case verb == "MLSD" && vfs.KindOf(err) == vfs.KindNotDir:
		code = 501 // RFC 3659, 7.2.1
	}
	return answer{code, sentence(vfs.ReasonOf(err))}
}

// codeAnswer is our text for an error reply that the library gave on its own
// account. Its text could quote paths and causes.
func codeAnswer(code int) answer {
	switch code {
	case 421:
		return answer{code, "Service not available, closing control connection"}
	case 425:
		return answer{code, "Cannot open data connection"}
	case 450:
		return answer{code, "Not done, try again later"}
	case 500:
		return answer{code, "Command not understood"}
	case 501:
		return answer{code, "Argument not understood"}
	case 502:
		return answer{code, "Command not implemented"}
	case 503:
		return answer{code, "Bad sequence of commands"}
	case 504:
		return answer{code, "Not implemented for this argument"}
	case 530:
		return answer{code, "Not logged in"}
	default:
		return answer{code, "Not done"}
	}
}

// sentence begins a reason with a capital, as replies do.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
