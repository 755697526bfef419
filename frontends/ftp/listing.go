package ftp

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// listing is what a LIST, NLST or MLSD shall send.
type listing struct {
	verb string
	// readings are the ways to understand the argument. The first that is there
	// counts, and becomes the place.
	readings []place
	place
}

// place is one way to understand the argument of a listing.
type place struct {
	dir vfs.Path
	// pattern, when set, keeps only the entries that match it.
	pattern string
	// prefix stands before each name of an NLST, so that the client can use
	// the lines as they are.
	prefix string
}

// newListing reads the argument of a listing command.
//
// LIST and NLST take options of ls, which mean nothing, and "*" and "?" in the last
// element as a pattern. There is no recursion, and no pattern in the directories above. If an
// entry has the pattern as its name, that entry is listed. MLSD takes only a path (RFC 3659,
// 7.1): words like options are dropped only if nothing has the whole argument as its name.
func newListing(verb, cwd, arg string) (*listing, error) {
	from, err := vfs.ParsePath(vfs.Path{}, cwd)
	if err != nil {
		return nil, err
	}
	l := &listing{verb: verb}
	add := func(dir, pattern string) error {
		at := place{pattern: pattern}
		if dir != "" {
			at.prefix = strings.TrimSuffix(dir, "/") + "/"
		}
		var err error
		if at.dir, err = vfs.ParsePath(from, dir); err == nil {
			l.readings = append(l.readings, at)
		}
		return err
	}
	path := cutOptions(arg)
	if verb == "MLSD" {
		err = add(arg, "")
		if path != arg {
			err = add(path, "")
		}
		return l, err
	}
	err = add(path, "")
	if dir, pattern, ok := cutPattern(path); ok {
		if e := add(dir, pattern); err != nil {
			err = e
		}
	}
	if len(l.readings) > 0 {
		err = nil
	}
	return l, err
}

// cutPattern cuts a path into a directory and a pattern for its entries. ok is
// false where there is none.
func cutPattern(arg string) (dir, pattern string, ok bool) {
	i := strings.LastIndexByte(arg, '/') + 1
	dir, pattern = arg[:i], arg[i:]
	if !strings.ContainsAny(pattern, "*?") {
		return "", "", false
	}
	_, err := path.Match(pattern, "")
	return dir, pattern, err == nil
}

func (l *listing) matches(name string) bool {
	if l.pattern == "" {
		return true
	}
	ok, _ := path.Match(l.pattern, name)
	return ok
}

// listLine is a line as ls -l prints it, which most clients parse. Times are in
// UTC: with the hour within the last six months, with the year otherwise. An
// entry without a time gets the beginning of 1970.
func listLine(i vfs.Info, now time.Time) string {
	mode, t := "-rw-r--r--", i.ModTime
	if i.IsDir() {
		mode = "drwxr-xr-x"
	}
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	t = t.UTC()
	layout := "Jan _2 15:04"
	const half = 182 * 24 * time.Hour
	if age := now.Sub(t); age > half || age < -24*time.Hour {
		layout = "Jan _2  2006"
	}
	return fmt.Sprintf("%s 1 ftp ftp %13d %s %s", mode, i.Size, t.Format(layout), i.Name)
}

// dosLine is a line as IIS sends it, with two digits for the year and times in
// UTC.
func dosLine(i vfs.Info) string {
	t := i.ModTime
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	at := t.UTC().Format("01-02-06  03:04PM")
	if i.IsDir() {
		return fmt.Sprintf("%s       <DIR>          %s", at, i.Name)
	}
	return fmt.Sprintf("%s %20d %s", at, i.Size, i.Name)
}

// cutOptions drops what clients believe to be options of ls: every word in front
// that begins with "-", up to one that is "--". Only the rest is a path; one that
// begins with "-" stands behind "--" or "./".
func cutOptions(arg string) string {
	for {
		options := strings.TrimLeft(arg, " ")
		if !strings.HasPrefix(options, "-") {
			return arg
		}
		word, rest, _ := strings.Cut(options, " ")
		arg = strings.TrimLeft(rest, " ")
		if word == "--" {
			return arg
		}
	}
}
