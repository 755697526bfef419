package ftp

import (
	"strings"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// wireTime is the form of times in UTC (RFC 3659, 2.3).
const wireTime = "20060102150405"

func timeCommands() []command {
	return []command{
		{
			verb: "MDTM", does: rewritten, rfc: "3659 3", between: true, args: "[YYYYMMDDhhmmss] path", run: (*session).cmdMDTM,
			library: "does not set times; a directory without one has the year 1",
		},
		{
			verb: "MFMT", does: rewritten, rfc: "draft-somers-ftp-mfxx 3", args: "YYYYMMDDhhmmss path",
			run: (*session).cmdMFMT, library: "answers 500 where the path is missing",
		},
		refusal("MFCT", "draft-somers-ftp-mfxx 4", "time path", "502", 502, "The store keeps the time of creation"),
		refusal("MFF", "draft-somers-ftp-mfxx 5", "facts path", "502", 502, "Use MFMT"),
	}
}

// cmdMDTM tells a file's time, or sets it in the form "MDTM time path" that
// old clients use. A file may have a name of that form: one that exists is
// asked about.
func (s *session) cmdMDTM(l line) (string, bool) {
	at, path, ok := cutTime(l.arg)
	if !ok {
		return pass(s, l)
	}
	if _, _, err := s.look(l.arg, vfs.TypeFile); err == nil {
		return pass(s, l)
	}
	return s.setTime(at, path), true
}

func (s *session) cmdMFMT(l line) (string, bool) {
	at, path, ok := cutTime(l.arg)
	if !ok {
		s.reply(501, "MFMT needs YYYYMMDDhhmmss and a path")
		return "", false
	}
	return s.setTime(at, path), true
}

// setTime is the library's line that sets the time of a file.
func (s *session) setTime(at time.Time, path string) string {
	s.written = path
	return "MFMT " + at.Format(wireTime) + " " + path
}

// cutTime cuts the time that an argument begins with from the path behind it.
func cutTime(arg string) (at time.Time, path string, ok bool) {
	word, path, _ := strings.Cut(arg, " ")
	at, ok = parseTime(word)
	return at, path, ok && strings.TrimSpace(path) != ""
}

// parseTime reads a time-val of RFC 3659, 2.3. Stores keep seconds: the
// fraction is dropped.
func parseTime(text string) (time.Time, bool) {
	whole, fraction, dot := strings.Cut(text, ".")
	if len(whole) != len(wireTime) || !digits(whole) || dot && (fraction == "" || !digits(fraction)) {
		return time.Time{}, false
	}
	at, err := time.Parse(wireTime, whole)
	return at, err == nil
}

// parseUTIME reads both forms of SITE UTIME: "YYYYMMDDhhmm[ss] path", and
// "path atime mtime ctime UTC" with times of 14 digits.
func parseUTIME(arg string) (at time.Time, path string, ok bool) {
	words := strings.Fields(arg)
	if n := len(words); n >= 5 && upper(words[n-1]) == "UTC" {
		if at, ok = parseTime(words[n-3]); ok {
			path = arg
			for range 4 {
				path = strings.TrimRight(path[:strings.LastIndexByte(strings.TrimRight(path, " "), ' ')], " ")
			}
			return at, path, true
		}
	}
	word, path, _ := strings.Cut(arg, " ")
	if len(word) == len(wireTime)-2 {
		word += "00"
	}
	at, ok = parseTime(word)
	return at, path, ok && strings.TrimSpace(path) != ""
}

func digits(text string) bool {
	return strings.Trim(text, "0123456789") == ""
}
