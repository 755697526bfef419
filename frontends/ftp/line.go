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

// cost is about how many bytes of memory the line takes.
func (l line) cost() int { return 64 + len(l.verb) + len(l.arg) }

func parseLine(text string) line {
	verb, arg, _ := strings.Cut(text, " ")
	return line{verb: upper(verb), arg: undoubled(arg)}
}

// upper folds ASCII only: "ſTAT" is not STAT, neither here nor for a filter in
// front of us.
func upper(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// undoubled reads the byte 0xFF in an argument. RFC 854 has it doubled, because
// it is Telnet's IAC, and some clients do that. Others send a name of cp1251 or
// koi8-r as it is. Those that double it send runs of even length only, so one of
// odd length shows that every byte means itself.
func undoubled(arg string) string {
	run := 0
	for i := range len(arg) {
		switch {
		case arg[i] == telnetIAC:
			run++
		case run%2 != 0:
			return arg
		default:
			run = 0
		}
	}
	if run%2 != 0 {
		return arg
	}
	return strings.ReplaceAll(arg, "\xff\xff", "\xff")
}

// Telnet bytes that may stand in front of a command (RFC 854; RFC 959, 4.1.3 has
// ABOR come behind IAC IP, IAC DM).
const (
	telnetIAC  = 0xff
	telnetDont = 0xfe
	telnetWill = 0xfb
	telnetDM   = 0xf2
	telnetSE   = 0xf0
	telnetNUL  = 0
)

// lineReader reads command lines.
type lineReader struct {
	*bufio.Reader
	// cut is true when the line before ended at its CR: what may still come of its
	// end belongs to no line.
	cut bool
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{Reader: bufio.NewReaderSize(r, 1024)}
}

// Reset drops what was read ahead.
func (r *lineReader) Reset(below io.Reader) {
	r.Reader.Reset(below)
	r.cut = false
}

// next reads one line, which ends with LF and any number of CR before it, and
// drops what is Telnet's up to the end of the verb. A line that is too long is
// read to its end and then reported as errLineTooLong, with its beginning.
func (r *lineReader) next() (string, error) {
	var text []byte
	tooLong, crs := false, 0
	add := func(b byte) {
		if tooLong = tooLong || len(text) == maxLine; !tooLong {
			text = append(text, b)
		}
	}
	for verb := true; ; {
		b, err := r.ReadByte()
		data := true
		if err == nil && b == telnetIAC && verb {
			b, data, err = r.telnet()
		}
		if err != nil {
			if err == io.EOF && (len(text) > 0 || crs > 0) { //nolint:errorlint // io.Reader's end is the bare value
				err = io.ErrUnexpectedEOF
			}
			return "", err
		}
		if r.cut && (b == '\r' || b == '\n') {
			r.cut = b == '\r'
			continue
		}
		r.cut = false
		switch {
		case !data, (b == telnetDM || b == telnetNUL) && len(text) == 0:
			// The IAC of such a DM was lost as urgent data (BSD's clients), and NUL
			// is no operation. No verb begins with such a byte.
		case b == '\n' && tooLong:
			return string(text), errLineTooLong
		case b == '\n':
			return string(text), nil
		case b == '\r':
			if endsEarly(text) {
				r.cut = true
				return string(text), nil
			}
			crs++
		default:
			for ; crs > 0; crs-- {
				add('\r')
			}
			verb = verb && b != ' '
			add(b)
		}
	}
}

// endsEarly reports whether a line is whole without its LF. Clients send it as
// urgent data behind these commands, and a proxy between us may have taken it
// out of the stream.
func endsEarly(text []byte) bool {
	verb := upper(string(text))
	return verb == "ABOR" || verb == "STAT"
}

// telnet reads what follows an IAC. It returns a byte of the command where one
// does, with data: an IAC, or a plain byte where urgent data took a DM out of the
// stream.
func (r *lineReader) telnet() (b byte, data bool, err error) {
	b, err = r.ReadByte()
	switch {
	case err != nil:
		return 0, false, err
	case b >= telnetWill && b <= telnetDont:
		_, err = r.ReadByte()
		return 0, false, err
	default:
		return b, b < telnetSE || b == telnetIAC, nil
	}
}
