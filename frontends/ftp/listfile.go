package ftp

import (
	"bufio"
	"context"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

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
				s.log.Error("a listing has an invalid name", "err", err)
			}
			return facts(on, view, p, i, "dir") + " " + i.Name
		}
	default:
		now := time.Now()
		if s.login.account.User.Dialect.DOSList {
			return dosLine
		}
		return func(i vfs.Info) string { return listLine(i, now) }
	}
}

// titleOf returns the lines that an MLSD begins with: the directory itself and
// its parent (RFC 3659, 7.5.1), which clients distinguish from entries by their type
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
