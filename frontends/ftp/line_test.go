package ftp

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestReadLine(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	tests := []struct {
		name string
		in   string
		want []string
		end  error
	}{
		{"CR LF", "NOOP\r\n", []string{"NOOP"}, io.EOF},
		{"bare LF", "NOOP\nQUIT\n", []string{"NOOP", "QUIT"}, io.EOF},
		{"empty line", "\r\n", []string{""}, io.EOF},
		{"only the last CR is the end's", "A\r\r\n", []string{"A\r"}, io.EOF},
		{"no end", "NOOP", nil, io.ErrUnexpectedEOF},
		{"CR without LF is no end", "NOOP\r", nil, io.ErrUnexpectedEOF},
		{"ABOR behind IP and DM", "\xff\xf4\xff\xf2ABOR\r\n", []string{"ABOR"}, io.EOF},
		{"DM taken out of band", "\xff\xf4\xffABOR\r\n", []string{"ABOR"}, io.EOF},
		{"IAC of the DM taken out of band", "\xff\xf4\xf2ABOR\r\n", []string{"ABOR"}, io.EOF},
		{"DM in a name is data", "STOR \xf2\r\n", []string{"STOR \xf2"}, io.EOF},
		{"negotiation", "\xff\xfd\x01NO\xff\xfb\x03OP\r\n", []string{"NOOP"}, io.EOF},
		{"doubled IAC is data", "STOR \xff\xff\r\n", []string{"STOR \xff"}, io.EOF},
		{"as long as allowed", long + "\r\n", []string{long}, io.EOF},
		{"too long", long + "x\r\nNOOP\r\n", nil, errLineTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := bufio.NewReader(strings.NewReader(tt.in))
			for _, want := range tt.want {
				got, err := readLine(r)
				if err != nil || got != want {
					t.Fatalf("readLine(%q) = %q, %v, want %q", tt.in, got, err, want)
				}
			}
			if got, err := readLine(r); !errors.Is(err, tt.end) {
				t.Fatalf("readLine(%q) at the end = %q, %v, want %v", tt.in, got, err, tt.end)
			}
		})
	}
}

// After a line that was too long the next one is read as it is.
func TestReadLineAfterTooLong(t *testing.T) {
	r := bufio.NewReader(strings.NewReader(strings.Repeat("x", 3*maxLine) + "\r\nNOOP\r\n"))
	if _, err := readLine(r); !errors.Is(err, errLineTooLong) {
		t.Fatalf("first line: %v, want %v", err, errLineTooLong)
	}
	if got, err := readLine(r); err != nil || got != "NOOP" {
		t.Fatalf("second line = %q, %v, want NOOP", got, err)
	}
}

func FuzzReadLine(f *testing.F) {
	for _, seed := range []string{"USER a\r\n", "\xff\xf4\xffABOR\r\n", "\xff", "\xff\xfb", strings.Repeat("y", maxLine+2) + "\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bufio.NewReader(strings.NewReader(string(in)))
		for range strings.Count(string(in), "\n") + 1 {
			text, err := readLine(r)
			switch {
			case errors.Is(err, errLineTooLong):
				continue
			case err != nil:
				return
			case len(text) > maxLine || strings.Contains(text, "\n"):
				t.Fatalf("readLine(%q) = %q", in, text)
			}
			if l := parseLine(text); strings.Contains(l.verb, " ") || l.verb != strings.ToUpper(l.verb) {
				t.Fatalf("parseLine(%q) = %+v", text, l)
			}
		}
		if _, err := readLine(r); err == nil {
			t.Fatalf("readLine(%q) finds more lines than there are", in)
		}
	})
}
