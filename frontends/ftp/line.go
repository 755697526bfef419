package ftp

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// maxLine is the longest command line in bytes, without its end. The library's
// own limit is 4096 with it, and it hangs up without a word.
const maxLine = 4000

var errLineTooLong = errors.New("ftp: command line is too long")

// line is one command line as the client sent it.
type line struct {
	// verb is in upper case.
	verb string
	arg  string
	// tooLong replaces a line that was.
	tooLong bool
	// resume is set for AUTH: the reader stands still until it is closed, so
	// that it does not take the TLS handshake for commands.
	resume chan struct{}
}

func parseLine(text string) line {
	verb, arg, _ := strings.Cut(text, " ")
	return line{verb: strings.ToUpper(verb), arg: arg}
}

// Telnet bytes that may stand in a command line (RFC 854; RFC 959, 4.1.3 has
// ABOR come behind IAC IP, IAC DM).
const (
	telnetIAC  = 0xff
	telnetDont = 0xfe
	telnetWill = 0xfb
	telnetDM   = 0xf2
	telnetSE   = 0xf0
)

// readLine reads one line that ends with LF or CR LF, and drops what is
// Telnet's. A line that is too long is read to its end and then reported as
// errLineTooLong, with its beginning.
func readLine(r *bufio.Reader) (string, error) {
	var text []byte
	tooLong := false
	for {
		b, err := r.ReadByte()
		if err != nil {
			if err == io.EOF && len(text) > 0 { //nolint:errorlint // io.Reader's end is the bare value
				err = io.ErrUnexpectedEOF
			}
			return "", err
		}
		if b == telnetIAC {
			if b, err = readTelnet(r); err != nil {
				return "", err
			}
			if b == 0 {
				continue
			}
		}
		if b == '\n' {
			break
		}
		if b == telnetDM && len(text) == 0 {
			// The IAC in front of it went as urgent data (BSD's clients). No
			// verb begins with such a byte.
			continue
		}
		if len(text) > maxLine {
			tooLong = true
			continue
		}
		text = append(text, b)
	}
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	if tooLong || len(text) > maxLine {
		return string(text[:maxLine]), errLineTooLong
	}
	return string(text), nil
}

// readTelnet reads what follows an IAC and returns the data byte that it
// stands for, or 0 for none. Where urgent data took a DM out of the stream, a
// plain byte follows the IAC: it belongs to the command.
func readTelnet(r *bufio.Reader) (byte, error) {
	b, err := r.ReadByte()
	switch {
	case err != nil:
		return 0, err
	case b == telnetIAC:
		return b, nil
	case b >= telnetWill && b <= telnetDont:
		_, err = r.ReadByte()
		return 0, err
	case b >= telnetSE:
		return 0, nil
	default:
		return b, nil
	}
}
