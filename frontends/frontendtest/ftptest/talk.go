package ftptest

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// Talk is a conversation line by line. What is not as expected ends the test
// and shows the conversation so far.
type Talk struct {
	*ftpclient.Conn
	t    testing.TB
	line string
	got  ftpclient.Reply
	log  *strings.Builder
}

// NewTalk connects to addr and reads the greeting. With Explicit and Implicit
// in o the session is protected.
func NewTalk(t testing.TB, addr string, o ftpclient.Options) *Talk {
	t.Helper()
	k := &Talk{t: t, log: new(strings.Builder)}
	o.Trace = func(direction byte, line string) {
		k.log.WriteByte(direction)
		k.log.WriteString(" " + line + "\n")
	}
	c, err := ftpclient.Dial(t.Context(), addr, o)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(c.Close)
	k.Conn, k.got = c, c.Greeting()
	return k
}

func (k *Talk) fatal(format string, args ...any) {
	k.t.Helper()
	k.t.Logf("the conversation:\n%s", k.log)
	k.t.Fatalf(format, args...)
}

// Cmd sends a line and reads the reply.
func (k *Talk) Cmd(line string) *Talk {
	k.t.Helper()
	k.line = line
	if err := k.Send(line); err != nil {
		k.fatal("%q: %v", line, err)
	}
	return k.Next()
}

// Raw sends bytes as they are and reads the reply.
func (k *Talk) Raw(bytes string) *Talk {
	k.t.Helper()
	k.line = bytes
	if err := k.SendRaw([]byte(bytes)); err != nil {
		k.fatal("%q: %v", bytes, err)
	}
	return k.Next()
}

// Next reads one more reply.
func (k *Talk) Next() *Talk {
	k.t.Helper()
	var err error
	if k.got, err = k.Receive(); err != nil {
		k.fatal("reply to %q: %v", k.line, err)
	}
	return k
}

// Expect wants the last reply to have one of codes; a number below 10 stands
// for its class.
func (k *Talk) Expect(codes ...int) *Talk {
	k.t.Helper()
	if !k.got.Is(codes...) {
		k.fatal("reply to %q: %s, want %v", k.line, k.got, codes)
	}
	return k
}

// Says wants the last reply to contain text.
func (k *Talk) Says(text string) *Talk {
	k.t.Helper()
	if !strings.Contains(k.got.Text(), text) {
		k.fatal("reply to %q: %s, want it to say %q", k.line, k.got, text)
	}
	return k
}

// End wants the server to close the connection.
func (k *Talk) End() {
	k.t.Helper()
	if r, err := k.Receive(); err == nil {
		k.fatal("after %q: reply %s, want the end of the session", k.line, r)
	}
}

// Begin starts a transfer.
func (k *Talk) Begin(command string) *ftpclient.Transfer {
	k.t.Helper()
	k.line = command
	t, err := k.Transfer(command, 0)
	if err != nil {
		k.fatal("%.200q: %v", command, err)
	}
	return t
}

// Reply is the last reply.
func (k *Talk) Reply() ftpclient.Reply { return k.got }
