package sftp

import (
	"io"

	sftplib "github.com/pkg/sftp"

	"github.com/tidegate/tidegate/vfs"
)

// statusError is an error as the library sends it: our short reason as its text,
// and in its chain the library's own error for the code.
type statusError struct {
	code code
	text string
}

func (e *statusError) Error() string  { return e.text }
func (e *statusError) Unwrap() error  { return e.code.library }
func (e *statusError) number() uint32 { return e.code.number }

// statusOf returns err as the client shall hear it: a code and our reason, never
// the store's words. io.EOF stays what it is.
func statusOf(err error) error {
	if err == nil || err == io.EOF { //nolint:errorlint // io.Reader's end is the bare value
		return err
	}
	return &statusError{kindCode(vfs.KindOf(err)), vfs.ReasonOf(err)}
}

// code is a code of STATUS, and what the library makes it of.
type code struct {
	number  uint32
	library error
}

// kindCode is the table from error kinds to codes. Version 3 has few (draft 02,
// 7); what has no own code is SSH_FX_FAILURE with a text.
func kindCode(k vfs.Kind) code {
	switch k {
	case vfs.KindNotExist:
		return code{2, sftplib.ErrSSHFxNoSuchFile}
	case vfs.KindPermission:
		return code{3, sftplib.ErrSSHFxPermissionDenied}
	case vfs.KindUnsupported:
		return code{8, sftplib.ErrSSHFxOpUnsupported}
	default:
		return code{failure, sftplib.ErrSSHFxFailure}
	}
}

// unsupported is a refusal of what SFTP can ask for and nothing here can do.
func unsupported(reason string) error {
	return &vfs.Error{Kind: vfs.KindUnsupported, Reason: reason}
}
