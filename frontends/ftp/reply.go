package ftp

import (
	"strings"

	"github.com/tidegate/tidegate/internal/ftpcode"
	"github.com/tidegate/tidegate/vfs"
)

// answer is a reply code with its text.
type answer struct {
	code int
	text string
}

// errorAnswer is the reply to the command called verb that failed with err.
func errorAnswer(verb string, err error) answer {
	return answer{ftpcode.Of(verb, vfs.KindOf(err)), sentence(vfs.ReasonOf(err))}
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
