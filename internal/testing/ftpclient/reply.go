package ftpclient

import (
	"bufio"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Reply is one answer of the server (RFC 959 section 4.2).
type Reply struct {
	Code int
	// Lines are the texts of all lines: the first and the last without their
	// code, those between as they came.
	Lines []string
}

// Text returns all lines in one string.
func (r Reply) Text() string { return strings.Join(r.Lines, "\n") }

func (r Reply) String() string { return fmt.Sprintf("%03d %s", r.Code, r.Text()) }

// Is reports whether the code is one of codes; a number below 10 stands for
// the class of replies that begin with it. No codes mean any code.
func (r Reply) Is(codes ...int) bool {
	return len(codes) == 0 || slices.Contains(codes, r.Code) || slices.Contains(codes, r.Code/100)
}

// ReplyError is a reply that was not the wanted one.
type ReplyError struct {
	// Command is the line that was answered, without a password.
	Command string
	Reply   Reply
}

func (e *ReplyError) Error() string {
	return fmt.Sprintf("ftpclient: %s: %s", e.Command, e.Reply)
}

// CodeOf returns the code of the reply that err carries, 0 for other errors
// and for nil.
func CodeOf(err error) int {
	if e, ok := errors.AsType[*ReplyError](err); ok {
		return e.Reply.Code
	}
	return 0
}

// Send sends one line; CR LF is added. Nothing is escaped.
func (c *Conn) Send(line string) error {
	c.trace('>', line)
	return c.SendRaw([]byte(line + "\r\n"))
}

// SendRaw sends bytes as they are.
func (c *Conn) SendRaw(b []byte) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(c.o.Timeout)); err != nil {
		return err
	}
	_, err := c.conn.Write(b)
	return err
}

// Receive reads the next reply.
func (c *Conn) Receive() (Reply, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(c.o.Timeout)); err != nil {
		return Reply{}, err
	}
	return readReply(c.r, func(line string) { c.trace('<', line) })
}

// Cmd sends a line and reads one reply, whatever it is.
func (c *Conn) Cmd(line string) (Reply, error) {
	if err := c.Send(line); err != nil {
		return Reply{}, err
	}
	return c.Receive()
}

// Do is Cmd for a reply that must be one of codes, as in Reply.Is.
func (c *Conn) Do(line string, codes ...int) (Reply, error) {
	r, err := c.Cmd(line)
	if err != nil {
		return r, fmt.Errorf("ftpclient: %s: %w", mask(line), err)
	}
	if !r.Is(codes...) {
		return r, &ReplyError{Command: mask(line), Reply: r}
	}
	return r, nil
}

// readReply reads one reply. It fails where a line does not end with CR LF.
func readReply(r *bufio.Reader, trace func(string)) (Reply, error) {
	line, err := readLine(r, trace)
	if err != nil {
		return Reply{}, err
	}
	code, more, text, err := parseReplyLine(line)
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Code: code, Lines: []string{text}}
	for more {
		if line, err = readLine(r, trace); err != nil {
			return Reply{}, err
		}
		// Only a line with the same code and a space ends the reply; any other
		// line is text, even one that begins with digits.
		if last, isLast := strings.CutPrefix(line, fmt.Sprintf("%03d ", code)); isLast {
			line, more = last, false
		}
		reply.Lines = append(reply.Lines, line)
	}
	return reply, nil
}

func readLine(r *bufio.Reader, trace func(string)) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	text, ok := strings.CutSuffix(line, "\r\n")
	if !ok {
		return "", fmt.Errorf("ftpclient: reply line %q does not end with CR LF", line)
	}
	trace(text)
	return text, nil
}

// parseReplyLine takes "250 text" or "250-text" apart.
func parseReplyLine(line string) (code int, more bool, text string, err error) {
	if len(line) < 4 || (line[3] != ' ' && line[3] != '-') {
		return 0, false, "", fmt.Errorf("ftpclient: reply line %q has no code", line)
	}
	for _, digit := range []byte(line[:3]) {
		if digit < '0' || digit > '9' {
			return 0, false, "", fmt.Errorf("ftpclient: reply line %q has no code", line)
		}
		code = code*10 + int(digit-'0')
	}
	if code < 100 || code > 659 {
		return 0, false, "", fmt.Errorf("ftpclient: reply line %q has an impossible code", line)
	}
	return code, line[3] == '-', line[4:], nil
}
