package control

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// MaxLine is the longest command line in bytes, without its end. ftpserverlib's own
// limit is 4096 with the end; beyond it, the library closes the connection without a
// reply.
const MaxLine = 4000

// ErrLineTooLong reports a line of more than MaxLine bytes.
var ErrLineTooLong = errors.New("control: command line is too long")

// Line is one command line as the client sent it.
type Line struct {
	// Verb is in upper case.
	Verb string
	// Arg is what follows the space behind the verb, in the client's character set.
	Arg string
	// TooLong is true when the line was longer than MaxLine. Verb and Arg are the
	// beginning of it.
	TooLong bool
	// resume is set for AUTH. The reader waits until it is closed, so that it does not
	// read the TLS handshake as commands.
	resume chan struct{}
}

// Done says that the line was processed. The reader waits for that after AUTH.
func (l Line) Done() {
	if l.resume != nil {
		close(l.resume)
	}
}

// cost is about how many bytes of memory the line takes.
func (l Line) cost() int { return 64 + len(l.Verb) + len(l.Arg) }

// ParseLine splits a command line.
func ParseLine(text string) Line {
	verb, arg, _ := strings.Cut(text, " ")
	return Line{Verb: Upper(verb), Arg: undoubled(arg)}
}

// Upper folds ASCII only: "ſTAT" is not STAT, neither here nor for a filter in
// front of the gateway.
func Upper(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// Reader reads command lines.
type Reader struct {
	*bufio.Reader
	// cut is true when the previous line ended at its CR. The rest of its end, if any,
	// belongs to no line.
	cut bool
}

// NewReader returns a Reader of r.
func NewReader(r io.Reader) *Reader {
	return &Reader{Reader: bufio.NewReaderSize(r, 1024)}
}

// Reset drops what was read ahead.
func (r *Reader) Reset(below io.Reader) {
	r.Reader.Reset(below)
	r.cut = false
}

// Next reads one line. A line ends with LF and any number of CR before it. Telnet
// commands are dropped up to the end of the verb. A line that is too long is read to
// its end; Next returns its beginning then, with ErrLineTooLong. A connection that ends
// within a line is io.ErrUnexpectedEOF.
func (r *Reader) Next() (string, error) {
	var text []byte
	tooLong, crs := false, 0
	add := func(b byte) {
		if tooLong = tooLong || len(text) == MaxLine; !tooLong {
			text = append(text, b)
		}
	}
	for verb := true; ; {
		b, err := r.ReadByte()
		data := true
		if err == nil && b == telnetIAC && verb {
			b, data, err = readTelnet(r)
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
			// The IAC of such a DM was lost as urgent data (BSD's clients), and a NUL
			// means nothing. No verb begins with either byte.
		case b == '\n' && tooLong:
			return string(text), ErrLineTooLong
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

// endsEarly reports whether a line is complete without its LF. Clients send the LF of
// these commands as urgent data, and a proxy in between may have taken it out of the
// stream.
func endsEarly(text []byte) bool {
	verb := Upper(string(text))
	return verb == "ABOR" || verb == "STAT"
}
