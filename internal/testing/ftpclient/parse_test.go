package ftpclient

import (
	"bufio"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadReply(t *testing.T) {
	tests := []struct {
		name string
		wire string
		want Reply
		bad  bool
	}{
		{"one line", "200 Okay\r\n", Reply{200, []string{"Okay"}}, false},
		{"empty text", "200 \r\n", Reply{200, []string{""}}, false},
		{"several lines", "211-Features:\r\n UTF8\r\n211 End\r\n", Reply{211, []string{"Features:", " UTF8", "End"}}, false},
		{"digits inside", "211-a\r\n212 b\r\n211-c\r\n211 d\r\n", Reply{211, []string{"a", "212 b", "211-c", "d"}}, false},
		{"no code", "hello\r\n", Reply{}, true},
		{"no space", "200\r\n", Reply{}, true},
		{"impossible code", "099 x\r\n", Reply{}, true},
		{"bare LF", "200 Okay\n", Reply{}, true},
		{"cut off", "211-a\r\n", Reply{}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readReply(bufio.NewReader(strings.NewReader(test.wire)), func(string) {})
			if (err != nil) != test.bad {
				t.Fatalf("readReply(%q): %v", test.wire, err)
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("readReply(%q): got -, want +\n%s", test.wire, diff)
			}
		})
	}
}

func TestReplyIs(t *testing.T) {
	r := Reply{Code: 226}
	tests := []struct {
		name  string
		codes []int
		want  bool
	}{
		{"any", nil, true},
		{"same", []int{250, 226}, true},
		{"class", []int{2}, true},
		{"other", []int{250}, false},
		{"other class", []int{1, 3, 4, 5}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := r.Is(test.codes...); got != test.want {
				t.Errorf("Is(%v) = %v, want %v", test.codes, got, test.want)
			}
		})
	}
}

func TestParsePASV(t *testing.T) {
	tests := []struct{ text, want string }{
		{"Entering Passive Mode (192,0,2,7,195,80)", "192.0.2.7:50000"},
		{"Entering Passive Mode (192,0,2,7,195,80).", "192.0.2.7:50000"},
		{"Entering Passive Mode 192,0,2,7,195,80", ""},
		{"(192,0,2,256,195,80)", ""},
		{"(192,0,2,7,195)", ""},
		{"(192,0,2,7,195,80", ""},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, err := parsePASV(test.text)
			if got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("parsePASV: %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestParseEPSV(t *testing.T) {
	tests := []struct {
		text string
		want int
	}{
		{"Entering Extended Passive Mode (|||50000|)", 50000},
		{"ok (!!!21!)", 21},
		{"(|||0|)", 0},
		{"(|||65536|)", 0},
		{"(||50000|)", 0},
		{"(|||50000)", 0},
		{"|||50000|", 0},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, err := parseEPSV(test.text)
			if got != test.want || (err == nil) != (test.want != 0) {
				t.Errorf("parseEPSV: %d, %v; want %d", got, err, test.want)
			}
		})
	}
}

func TestActiveCommand(t *testing.T) {
	v4, v6 := netip.MustParseAddrPort("192.0.2.7:50001"), netip.MustParseAddrPort("[2001:db8::1]:50001")
	tests := []struct {
		mode DataMode
		addr netip.AddrPort
		want string
	}{
		{PORT, v4, "PORT 192,0,2,7,195,81"},
		{EPRT, v4, "EPRT |1|192.0.2.7|50001|"},
		{EPRT, v6, "EPRT |2|2001:db8::1|50001|"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			if got := activeCommand(test.mode, test.addr); got != test.want {
				t.Errorf("activeCommand: %q", got)
			}
		})
	}
}

func TestParseFacts(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	tests := []struct {
		name string
		line string
		want Entry
		bad  bool
	}{
		{"file", "Type=file;Size=5;Modify=20260203040506; a b;c=d", Entry{Name: "a b;c=d", Type: "file", Size: 5, ModTime: at}, false},
		{"directory", "type=dir; sub", Entry{Name: "sub", Type: "dir", Size: -1}, false},
		{"fraction", "type=file;modify=20260203040506.250; x", Entry{Name: "x", Type: "file", Size: -1, ModTime: at.Add(250 * time.Millisecond)}, false},
		{"leading space in name", "type=file;  x", Entry{Name: " x", Type: "file", Size: -1}, false},
		{"no name", "type=file;", Entry{}, true},
		{"bad size", "type=file;size=x; a", Entry{}, true},
		{"bad time", "type=file;modify=2026; a", Entry{}, true},
		{"no value", "type; a", Entry{}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseFacts(test.line)
			if (err != nil) != test.bad {
				t.Fatalf("parseFacts(%q): %v", test.line, err)
			}
			got.Facts = nil
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("parseFacts(%q): got -, want +\n%s", test.line, diff)
			}
		})
	}
}

func TestParseUnixLine(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		line string
		want Entry
		bad  bool
	}{
		{
			"recent file", "-rw-r--r-- 1 ftp ftp           12 Feb  3 04:05 a  b",
			Entry{Name: "a  b", Type: "file", Size: 12, ModTime: time.Date(2026, 2, 3, 4, 5, 0, 0, time.UTC)},
			false,
		},
		{
			"last year by its month", "-rw-r--r-- 1 ftp ftp 0 Nov 30 04:05 x",
			Entry{Name: "x", Type: "file", ModTime: time.Date(2025, 11, 30, 4, 5, 0, 0, time.UTC)},
			false,
		},
		{
			"old directory", "drwxr-xr-x 2 ftp ftp 0 Dec 24  2019 sub",
			Entry{Name: "sub", Type: "dir", ModTime: time.Date(2019, 12, 24, 0, 0, 0, 0, time.UTC)},
			false,
		},
		{"leading blank in the name", "-rw-r--r-- 1 ftp ftp 0 Dec 24  2019  x", Entry{Name: " x", Type: "file", ModTime: time.Date(2019, 12, 24, 0, 0, 0, 0, time.UTC)}, false},
		{"no name", "drwxr-xr-x 2 ftp ftp 0 Dec 24  2019 ", Entry{}, true},
		{"no size", "drwxr-xr-x 2 ftp ftp x Dec 24  2019 sub", Entry{}, true},
		{"literal verb", "%sdrwxr-xr-x 2 ftp ftp 0 Dec 24  2019 sub", Entry{}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseUnixLine(test.line, now)
			if (err != nil) != test.bad {
				t.Fatalf("parseUnixLine(%q): %v", test.line, err)
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("parseUnixLine(%q): got -, want +\n%s", test.line, diff)
			}
		})
	}
}

func TestQuotedPath(t *testing.T) {
	tests := []struct {
		text, want string
		bad        bool
	}{
		{`"/a b" is the current directory`, "/a b", false},
		{`"/a ""b"" c" created`, `/a "b" c`, false},
		{`"/"`, "/", false},
		{`/a`, "", true},
		{`"/a`, "", true},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, err := quotedPath(test.text)
			if got != test.want || (err != nil) != test.bad {
				t.Errorf("quotedPath: %q, %v; want %q", got, err, test.want)
			}
		})
	}
}
