package sftp

import (
	"encoding/binary"
	"io"
	"testing"
)

// Whatever the error is, a CLOSE with one is no receipt.
func TestCloseWithAnErrorIsNoReceipt(t *testing.T) {
	for _, err := range []error{io.EOF, io.ErrUnexpectedEOF, errLost, statusOf(errLost)} {
		var c closes
		one := c.begin(7)
		one.answered = true
		reply := c.finish(one, err)
		if code := binary.BigEndian.Uint32(reply[headBytes+4:]); code != failure {
			t.Errorf("%v: the CLOSE is answered with status %d, want %d", err, code, failure)
		}
	}
}
