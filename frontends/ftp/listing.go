package ftp

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
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
// element as a pattern; there is no recursion and no pattern in directories. An
// entry that has such a name comes first. MLSD takes a path alone (RFC 3659, 7.1):
// there, options are what names nothing.
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

// open asks the store for the first entry, so that a refusal comes before the
// data connection is used.
func (l *listing) open(t *transfer) (h io.Closer, err error) {
	for _, l.place = range l.readings {
		h, err = l.openPlace(t)
		switch vfs.KindOf(err) {
		case vfs.KindNotExist, vfs.KindNotDir, vfs.KindInvalid:
		default:
			return h, err
		}
	}
	return h, err
}

func (l *listing) openPlace(t *transfer) (io.Closer, error) {
	next, stop := iter.Pull2(t.observed().List(t.ctx, l.dir))
	first, err, ok := next()
	if err != nil {
		stop()
		first, err = l.file(t.ctx, t.s.login.view, err)
		if err != nil {
			return nil, err
		}
		next, stop = func() (vfs.Info, error, bool) { return vfs.Info{}, nil, false }, func() {}
	}
	return &listHandle{t: t, l: l, first: first, ok: ok, next: next, stop: stop}, nil
}

// file returns the file that was listed instead of a directory, as ls does. A
// backend that has seen it says so in the error.
func (l *listing) file(ctx context.Context, view *vfs.View, err error) (vfs.Info, error) {
	if vfs.KindOf(err) != vfs.KindNotDir || l.pattern != "" {
		return vfs.Info{}, err
	}
	if l.verb == "MLSD" {
		return vfs.Info{}, err
	}
	l.prefix = strings.TrimSuffix(l.prefix, l.dir.Base()+"/")
	if e, ok := err.(*vfs.Error); ok && e.Found != nil { //nolint:errorlint // a View returns its own error
		info := *e.Found
		info.Name = l.dir.Base()
		return info, nil
	}
	return view.Stat(ctx, l.dir, vfs.TypeFile)
}

// listHandle is the file of a transfer that is a listing. Lines are made as the
// entries come, so a directory of any size takes little memory.
type listHandle struct {
	t     *transfer
	l     *listing
	first vfs.Info
	ok    bool
	next  func() (vfs.Info, error, bool)
	stop  func()
}

// WriteTo sends the lines.
func (h *listHandle) WriteTo(w io.Writer) (n int64, err error) {
	s := h.t.s
	format := newLister(s, h.l)
	out := bufio.NewWriterSize(w, 32<<10)
	hidden, names := 0, s.control.Charset()
	put := func(text string) error {
		line, ok := names.Encode(text)
		if !ok {
			hidden++
			return nil
		}
		m, err := out.WriteString(line + "\r\n")
		n += int64(m)
		return err
	}
	for _, line := range titleOf(s, h.l) {
		if err := put(line); err != nil {
			return n, err
		}
	}
	for info, ok := h.first, h.ok; ok; {
		if h.l.matches(info.Name) {
			if err := put(format(info)); err != nil {
				return n, err
			}
		}
		if info, err, ok = h.next(); err != nil {
			return n, err
		}
	}
	if hidden > 0 {
		s.log.Warn("names that the user's charset lacks are not listed", "path", h.l.dir.String(), "entries", hidden)
	}
	return n, out.Flush()
}

func (h *listHandle) Close() error {
	h.stop()
	return nil
}

func (l *listing) matches(name string) bool {
	if l.pattern == "" {
		return true
	}
	ok, _ := path.Match(l.pattern, name)
	return ok
}

// newLister returns the function that makes the line of one entry of l, without
// its end.
func newLister(s *session, l *listing) func(vfs.Info) string {
	switch l.verb {
	case "NLST":
		return func(i vfs.Info) string { return l.prefix + i.Name }
	case "MLSD":
		on, view := s.par.facts, s.login.view
		return func(i vfs.Info) string {
			p, err := l.dir.Child(i.Name)
			if err != nil {
				// A View yields only names that a Path can hold.
				s.log.Error("a listing yields what is no name", "err", err)
			}
			return facts(on, view, p, i, "dir") + " " + i.Name
		}
	default:
		now := time.Now()
		if s.login.account.Dialect.DOSList {
			return dosLine
		}
		return func(i vfs.Info) string { return listLine(i, now) }
	}
}

// titleOf returns the lines that an MLSD begins with: the directory itself and
// its parent (RFC 3659, 7.5.1), which clients tell from entries by their type
// only. They cost no request.
func titleOf(s *session, l *listing) []string {
	if l.verb != "MLSD" || !slices.Contains(s.par.facts, "type") {
		return nil
	}
	dir := vfs.Info{Type: vfs.TypeDir}
	lines := []string{facts(s.par.facts, s.login.view, l.dir, dir, "cdir") + " ."}
	if !l.dir.IsRoot() {
		lines = append(lines, facts(s.par.facts, s.login.view, l.dir.Dir(), dir, "pdir")+" ..")
	}
	return lines
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
