package ftp

import (
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

// wireTime is the form of times in UTC (RFC 3659, 2.3).
const wireTime = "20060102150405"

// cutTime cuts the time that an argument begins with from the path behind it.
func cutTime(arg string) (at time.Time, path string, ok bool) {
	word, path := cutWord(arg)
	at, ok = parseTime(word)
	return at, path, ok && strings.TrimSpace(path) != ""
}

// cutZoned is cutTime for the form that Serv-U gave MDTM: a zone may stand behind
// the time, which is that of the zone then.
func cutZoned(arg string) (at time.Time, path string, ok bool) {
	i := strings.IndexAny(arg, "+- \t")
	if i < 0 || arg[i] == ' ' || arg[i] == '\t' {
		return cutTime(arg)
	}
	word, path := cutWord(arg[i:])
	east, ok := parseZone(word)
	if !ok || strings.TrimSpace(path) == "" {
		return at, "", false
	}
	at, ok = parseTime(arg[:i])
	at = at.Add(-east)
	return at, path, ok && at.Year() >= 1 && at.Year() <= 9999
}

// parseZone reads a sign and minutes east of UTC, up to 14 hours, or four digits
// that are hours and minutes.
func parseZone(word string) (east time.Duration, ok bool) {
	sign, number := word[0], word[1:]
	if len(number) < 1 || len(number) > 4 || !digits(number) {
		return 0, false
	}
	n, _ := strconv.Atoi(number)
	if len(number) == 4 {
		if n%100 >= 60 {
			return 0, false
		}
		n = n/100*60 + n%100
	}
	east = time.Duration(n) * time.Minute
	if sign == '-' {
		east = -east
	}
	return east, n <= 14*60
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
// "path atime mtime ctime UTC" with times of 14 digits. The path may hold spaces.
func parseUTIME(arg string) (at time.Time, path string, ok bool) {
	const behind = 4
	var words [behind]string
	path = arg
	for i := behind - 1; i >= 0; i-- {
		path, words[i] = cutLastWord(path)
	}
	if at, ok = parseTime(words[1]); ok && control.Upper(words[3]) == "UTC" && strings.TrimSpace(path) != "" {
		return at, path, true
	}
	word, path := cutWord(arg)
	if len(word) == len(wireTime)-2 {
		word += "00"
	}
	at, ok = parseTime(word)
	return at, path, ok && strings.TrimSpace(path) != ""
}
