package ftp

import (
	"context"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/frontends/streams"
	"github.com/tidegate/tidegate/internal/charset"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/vfs"
)

// open asks the store for the first entries, so that a refusal comes before the
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
	h := newListHandle(t, l)
	opened := false
	defer func() {
		if !opened { // refused, or a panic
			_ = h.Close() // it never fails
		}
	}()
	err := h.step()
	if err != nil && h.entries == 0 {
		var file vfs.Info
		if file, err = l.file(t.ctx, t.s.login.view, err); err == nil {
			h.put(h.format(file))
		}
	}
	if err != nil {
		return nil, err
	}
	opened = true
	return h, nil
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

const (
	// smallPiece and largePiece are how many bytes of lines are sent at once: little without
	// memory for more. A piece is sent when there is no room for another longLine.
	smallPiece, largePiece, longLine = 4 << 10, 32 << 10, 2 << 10
	// stepEntries is how many entries are looked at in a row, whether they match a pattern or
	// not. In between, the reply to the command is sent, and others may need the place.
	stepEntries = 1000
)

// listHandle is the file of a transfer that is a listing. Lines are made piece by piece, so a
// directory of any size takes little memory. While the client takes a piece, the listing may
// have to give its page of entries to that of another user.
type listHandle struct {
	t      *transfer
	l      *listing
	format func(vfs.Info) string
	names  *charset.Charset
	dir    *streams.Directory
	calls  sync.WaitGroup
	// lines are those that were not sent, a piece of about size bytes. bytes has the memory of
	// a large piece.
	lines []byte
	size  int
	bytes *memory.Lease
	// more is true while the directory has more entries.
	more bool
	// entries counts those of the store, hidden those that the client's charset lacks.
	entries, hidden int
}

func newListHandle(t *transfer, l *listing) *listHandle {
	s := t.s
	h := &listHandle{t: t, l: l, format: newLister(s, l), names: s.control.Charset(), size: smallPiece, bytes: s.srv.o.Memory.Buffers.Open()}
	o := streams.ForListings(streams.Options{
		Most: 1, Shared: s.srv.listings, Holder: s.client.Holder, Calls: &h.calls, Panicked: func(r any) { endByPanic(s, r) },
		Memory: s.srv.o.Memory.Buffers,
		Late:   true, // small directories never take a place
	})
	view := t.observed()
	h.dir = streams.New(o).Directory(t.ctx, func() iter.Seq2[vfs.Info, error] { return view.List(t.ctx, l.dir) })
	for _, line := range titleOf(s, l) {
		h.put(line)
	}
	return h
}

// put adds a line.
func (h *listHandle) put(text string) {
	line, ok := h.names.Encode(text)
	if !ok {
		h.hidden++
		return
	}
	h.lines = append(append(h.lines, line...), "\r\n"...)
}

// step adds lines for the next entries.
func (h *listHandle) step() error {
	h.dir.Use(func() {
		for n := 0; n < stepEntries && !h.full(); n++ {
			info, ok := h.dir.Ahead()
			if !ok {
				break
			}
			h.entries++
			if h.l.matches(info.Name) {
				h.put(h.format(info))
			}
			h.dir.Take()
		}
		_, h.more = h.dir.Ahead()
	})
	return h.dir.Err()
}

// full reports whether the lines are to be sent.
func (h *listHandle) full() bool {
	full := len(h.lines) > h.size-longLine
	if full && h.size == smallPiece && h.bytes.TryAcquire(largePiece) {
		h.size, full = largePiece, false
		h.lines = slices.Grow(h.lines, largePiece-len(h.lines))
	}
	return full
}

// WriteTo sends the lines.
func (h *listHandle) WriteTo(w io.Writer) (n int64, err error) {
	for {
		for h.more && !h.full() {
			if err := h.step(); err != nil {
				return n, err
			}
		}
		if len(h.lines) == 0 {
			break
		}
		m, err := w.Write(h.lines)
		n += int64(m)
		if err != nil {
			return n, err
		}
		h.lines = h.lines[:0]
	}
	if h.hidden > 0 {
		h.t.s.log.Warn("names that the user's charset lacks are not listed", "path", h.l.dir.String(), "entries", h.hidden)
	}
	return n, nil
}

func (h *listHandle) Close() error {
	h.dir.Close()
	h.calls.Wait()
	h.bytes.Close()
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
