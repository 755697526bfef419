package session

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Operation is one that a session runs and that may take long: a file that is read or
// written, or a directory that is listed. Its methods may be called concurrently.
type Operation struct {
	// Op is its name in the log: "read", "write" or "list". Path is the client's.
	Op, Path string
	Begun    time.Time

	session *Session // nil for work without a session
	bytes   atomic.Int64
}

// activity is what a session does. The zero value is nothing.
type activity struct {
	// in and out are the bytes of all files so far, to the store and from it.
	in, out atomic.Int64

	mu  sync.Mutex
	now map[*Operation]struct{}
}

// Begin notes that the session runs an operation until Operation.End. A nil Session notes
// nothing.
func (s *Session) Begin(op, path string) *Operation {
	o := &Operation{Op: op, Path: path, Begun: time.Now(), session: s}
	if s == nil {
		return o
	}
	s.activity.mu.Lock()
	defer s.activity.mu.Unlock()
	if s.activity.now == nil {
		s.activity.now = map[*Operation]struct{}{}
	}
	s.activity.now[o] = struct{}{}
	return o
}

// Moved counts n bytes more.
func (o *Operation) Moved(n int) {
	o.bytes.Add(int64(n))
	switch {
	case o.session == nil:
	case o.Op == "write":
		o.session.activity.in.Add(int64(n))
	default:
		o.session.activity.out.Add(int64(n))
	}
}

// Bytes returns how many bytes have moved.
func (o *Operation) Bytes() int64 { return o.bytes.Load() }

// End notes the end of the operation.
func (o *Operation) End() {
	if o.session == nil {
		return
	}
	o.session.activity.mu.Lock()
	defer o.session.activity.mu.Unlock()
	delete(o.session.activity.now, o)
}

// Operations returns what the session runs now, the oldest first.
func (s *Session) Operations() []*Operation {
	s.activity.mu.Lock()
	defer s.activity.mu.Unlock()
	all := make([]*Operation, 0, len(s.activity.now))
	for o := range s.activity.now {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b *Operation) int { return cmp.Or(a.Begun.Compare(b.Begun), cmp.Compare(a.Path, b.Path)) })
	return all
}

// Bytes returns how many bytes of files the session has moved so far, to the store and from
// it.
func (s *Session) Bytes() (in, out int64) { return s.activity.in.Load(), s.activity.out.Load() }
