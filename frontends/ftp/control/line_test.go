package control

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestReadLine(t *testing.T) {
	long := strings.Repeat("x", MaxLine)
	tests := []struct {
		name string
		in   string
		want []string
		end  error
	}{
		{"CR LF", "NOOP\r\n", []string{"NOOP"}, io.EOF},
		{"bare LF", "NOOP\nQUIT\n", []string{"NOOP", "QUIT"}, io.EOF},
		{"empty line", "\r\n", []string{""}, io.EOF},
		{"every CR before the LF belongs to the end of the line", "USER x\r\r\n\r\r\rNOOP\r\r\r\n", []string{"USER x", "\r\r\rNOOP"}, io.EOF},
		{"CR inside", "STOR a\rb\r\n", []string{"STOR a\rb"}, io.EOF},
		{"no end", "NOOP", nil, io.ErrUnexpectedEOF},
		{"CR without LF is no end", "NOOP\r", nil, io.ErrUnexpectedEOF},
		{"ABOR behind IP and DM", "\xff\xf4\xff\xf2ABOR\r\n", []string{"ABOR"}, io.EOF},
		{"DM taken out of band", "\xff\xf4\xffABOR\r\n", []string{"ABOR"}, io.EOF},
		{"IAC of the DM taken out of band", "\xff\xf4\xf2ABOR\r\n", []string{"ABOR"}, io.EOF},
		{"NUL in front of the verb", "\x00ABOR\r\n\x00\xff\xf4\x00NOOP\r\n", []string{"ABOR", "NOOP"}, io.EOF},
		{"NUL in a name is data", "STOR a\x00b\r\n", []string{"STOR a\x00b"}, io.EOF},
		{"DM in a name is data", "STOR \xf2\r\n", []string{"STOR \xf2"}, io.EOF},
		{"negotiation", "\xff\xfd\x01NO\xff\xfb\x03OP\r\n", []string{"NOOP"}, io.EOF},
		{"Telnet ends with the verb", "STOR \xff\xf4a\xff\xfd\x01\xff\xff\xff\xf2\xff\r\n", []string{"STOR \xff\xf4a\xff\xfd\x01\xff\xff\xff\xf2\xff"}, io.EOF},
		{"NUL is data", "NO\x00OP\r\n", []string{"NO\x00OP"}, io.EOF},
		{"ABOR without its LF", "ABOR\rABOR\r\r\nabor\rNOOP\r\n", []string{"ABOR", "ABOR", "abor", "NOOP"}, io.EOF},
		{"ABOR without its LF, behind IP and DM", "\xff\xf4\xff\xf2ABOR\r", []string{"ABOR"}, io.EOF},
		{"STAT without its LF", "STAT\rSTAT x\r\n", []string{"STAT", "STAT x"}, io.EOF},
		{"an empty line behind ABOR", "ABOR\r\n\r\nNOOP\n", []string{"ABOR", "", "NOOP"}, io.EOF},
		{"as long as allowed", long + "\r\r\n", []string{long}, io.EOF},
		{"too long", long + "x\r\nNOOP\r\n", nil, ErrLineTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReader(strings.NewReader(tt.in))
			for _, want := range tt.want {
				got, err := r.Next()
				if err != nil || got != want {
					t.Fatalf("Next of %q = %q, %v, want %q", tt.in, got, err, want)
				}
			}
			if got, err := r.Next(); !errors.Is(err, tt.end) {
				t.Fatalf("Next of %q at the end = %q, %v, want %v", tt.in, got, err, tt.end)
			}
		})
	}
}

// After a line that was too long the next one is read as it is.
func TestReadLineAfterTooLong(t *testing.T) {
	r := NewReader(strings.NewReader(strings.Repeat("x", 3*MaxLine) + "\r\nNOOP\r\n"))
	if _, err := r.Next(); !errors.Is(err, ErrLineTooLong) {
		t.Fatalf("first line: %v, want %v", err, ErrLineTooLong)
	}
	if got, err := r.Next(); err != nil || got != "NOOP" {
		t.Fatalf("second line = %q, %v, want NOOP", got, err)
	}
}

func TestParseLine(t *testing.T) {
	for in, want := range map[string]Line{
		"stor a b ":              {Verb: "STOR", Arg: "a b "},
		"STOR \xff":              {Verb: "STOR", Arg: "\xff"},
		"STOR \xff\xff":          {Verb: "STOR", Arg: "\xff"},
		"STOR \xff\xff\xff":      {Verb: "STOR", Arg: "\xff\xff\xff"},
		"STOR \xff\xff\xff\xff":  {Verb: "STOR", Arg: "\xff\xff"},
		"STOR \xff\xffa\xff":     {Verb: "STOR", Arg: "\xff\xffa\xff"},
		"STOR \xff\xffa\xff\xff": {Verb: "STOR", Arg: "\xffa\xff"},
		"PASS \xff\xf4\xff\xf2":  {Verb: "PASS", Arg: "\xff\xf4\xff\xf2"},
		"ſtat":                   {Verb: "ſTAT"},
		"lıst":                   {Verb: "LıST"},
		"\xe9xyz":                {Verb: "\xe9XYZ"},
	} {
		if got := ParseLine(in); got != want {
			t.Errorf("ParseLine(%q) = %+v, want %+v", in, got, want)
		}
	}
}

// The argument that arrives is the one that the client sent, whether or not the client
// doubles 0xFF. The exception is a client that does not, and a name in which every run of
// the byte has an even length: it looks doubled.
func FuzzDoubled(f *testing.F) {
	for _, seed := range []string{"", "a", "\xff", "\xff\xff", "\xffa\xff\xff", "Росси\xff.txt", "\xff\xf4\xff\xf2", "\xff\xfd\x01", "a \xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		name := string(in)
		if strings.ContainsAny(name, "\r\n") || len(name) > MaxLine/2-10 {
			t.Skip()
		}
		read := func(sent string) string {
			t.Helper()
			text, err := NewReader(strings.NewReader("STOR " + sent + "\r\n")).Next()
			if err != nil {
				t.Fatal(err)
			}
			return ParseLine(text).Arg
		}
		if got := read(strings.ReplaceAll(name, "\xff", "\xff\xff")); got != name {
			t.Errorf("%q is read as %q from a client that doubles 0xFF", name, got)
		}
		odd := false
		for run := range strings.FieldsFuncSeq(string(bytesOf(name)), func(r rune) bool { return r != 'x' }) {
			odd = odd || len(run)%2 != 0
		}
		if got := read(name); got != name && (odd || !strings.Contains(name, "\xff\xff")) {
			t.Errorf("%q is read as %q from a client that does not double 0xFF", name, got)
		}
	})
}

// bytesOf writes an x for each 0xFF of name, and a dot for everything else.
func bytesOf(name string) []byte {
	b := []byte(name)
	for i := range b {
		if b[i] == 0xff {
			b[i] = 'x'
		} else {
			b[i] = '.'
		}
	}
	return b
}

func FuzzReadLine(f *testing.F) {
	for _, seed := range []string{"USER a\r\n", "\xff\xf4\xffABOR\r\n", "\xff", "\xff\xfb", "ABOR\rSTAT\r\r\n\n", "STOR \xff\xff\xff a\r\r\n", strings.Repeat("y", MaxLine+2) + "\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(strings.NewReader(string(in)))
		for range strings.Count(string(in), "\n") + strings.Count(string(in), "\r") + 1 {
			text, err := r.Next()
			switch {
			case errors.Is(err, ErrLineTooLong):
				continue
			case err != nil:
				return
			case len(text) > MaxLine || strings.Contains(text, "\n"):
				t.Fatalf("Next of %q = %q", in, text)
			}
			if l := ParseLine(text); strings.Contains(l.Verb, " ") || l.Verb != Upper(l.Verb) {
				t.Fatalf("ParseLine(%q) = %+v", text, l)
			}
		}
		if _, err := r.Next(); err == nil {
			t.Fatalf("Next of %q finds more lines than there are", in)
		}
	})
}
