package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Ledger notes uploads. Its methods may be called concurrently.
type Ledger struct {
	// Contested is set before the first upload when names have several writers at
	// a time: whole contents of any of them may be seen at any moment.
	Contested bool

	mu    sync.Mutex
	names map[string]*record
	// begun counts uploads, ended those whose outcome is known.
	begun, ended int
	changed      chan struct{} // closed and replaced with every end
}

// record is what is known of one name.
type record struct {
	// held is what the name may hold, uploads under way not counted: one content
	// after an acknowledgement.
	held []Content
	// coming is what uploads under way may leave there.
	coming []Content
	// since is when a content was last allowed: Ledger.begun.
	since map[Content]int
}

// New returns a ledger of names that hold nothing.
func New() *Ledger { return &Ledger{names: map[string]*record{}, changed: make(chan struct{})} }

func (l *Ledger) record(name string) *record {
	r := l.names[name]
	if r == nil {
		r = &record{held: []Content{{}}, since: map[Content]int{}}
		l.names[name] = r
	}
	return r
}

// Begin notes that an upload begins, and returns what the name may hold before it.
// may says whether c may become the content of the name; otherwise not a byte of
// it may.
func (l *Ledger) Begin(name string, c Content, may bool) (old []Content) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.record(name)
	l.begun++
	if may {
		r.since[c] = l.begun
		r.coming = append(r.coming, c)
	}
	return slices.Clone(r.held)
}

// Acknowledge records that the upload of c was acknowledged to its client.
func (l *Ledger) Acknowledge(name string, c Content) { l.Settle(name, c, c) }

// Leave notes that the upload of c ended without an acknowledgement: the name
// holds what it held, or c.
func (l *Ledger) Leave(name string, c Content) {
	l.end(name, c, func(held []Content) []Content {
		if slices.Contains(held, c) {
			return held
		}
		return append(slices.Clone(held), c)
	})
}

// Settle notes that the upload of c is over, and what the name may hold from now
// on.
func (l *Ledger) Settle(name string, c Content, held ...Content) {
	l.end(name, c, func([]Content) []Content { return held })
}

func (l *Ledger) end(name string, c Content, held func(before []Content) []Content) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.record(name)
	if i := slices.Index(r.coming, c); i >= 0 {
		r.coming = slices.Delete(r.coming, i, i+1)
	}
	r.held = held(r.held)
	l.ended++
	close(l.changed)
	l.changed = make(chan struct{})
}

// Holds returns what a name holds after an acknowledgement or [Ledger.Settle],
// while no client uploads it.
func (l *Ledger) Holds(name string) Content {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.record(name).held[0]
}

// Progress returns how many uploads have begun and ended, and a channel that is
// closed when one more has ended.
func (l *Ledger) Progress() (begun, ended int, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begun, l.ended, l.changed
}

// Names returns every name, in order.
func (l *Ledger) Names() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.names))
}

// Existing returns the names that hold a file by [Ledger.Holds], in order.
func (l *Ledger) Existing() []string {
	return l.namesOf(func(r *record) bool { return r.held[0].Exists })
}

// Underway returns the names that are being uploaded, in order.
func (l *Ledger) Underway() []string {
	return l.namesOf(func(r *record) bool { return len(r.coming) > 0 })
}

func (l *Ledger) namesOf(match func(*record) bool) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for name, r := range l.names {
		if match(r) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// ErrUnseen is the error of a read that could not determine what a name holds.
var ErrUnseen = errors.New("not seen")

// Audit reads a name with read, at any moment, and returns what is wrong with what
// it holds. A read that fails with [ErrUnseen] is no error.
func (l *Ledger) Audit(name string, read func() (Content, error)) error {
	l.mu.Lock()
	r, since := l.record(name), l.begun
	allowed := append(slices.Clone(r.held), r.coming...)
	l.mu.Unlock()

	c, err := read()
	if errors.Is(err, ErrUnseen) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, was := r.since[c]
	if slices.Contains(allowed, c) || r.since[c] > since || was && l.Contested {
		return nil
	}
	what := "content that nobody uploaded there"
	if was {
		what = "an older content"
	} else if !c.Exists {
		what = "nothing"
	}
	return fmt.Errorf("%s: holds %s: %v, want one of %v", name, what, c, allowed)
}
