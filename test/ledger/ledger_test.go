package ledger

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// content is what a name holds: the hash of a file, or nothing.
type content struct {
	exists bool
	size   int
	sum    [sha256.Size]byte
}

func contentOf(b []byte) content {
	return content{exists: true, size: len(b), sum: sha256.Sum256(b)}
}

func (c content) String() string {
	if !c.exists {
		return "no file"
	}
	return fmt.Sprintf("%x (%d bytes)", c.sum[:4], c.size)
}

// ledger notes what each name holds and may hold.
type ledger struct {
	mu    sync.Mutex
	names map[string]*record
	// begun counts uploads, ended those whose outcome is settled.
	begun, ended int
	changed      chan struct{} // closed and replaced with every end
	// contested: names have several writers at a time. Whole contents of any of
	// them may be seen at any moment.
	contested bool
}

// record is the ledger's page for one name.
type record struct {
	// held is what the name may hold while no upload is under way: one content,
	// but for names with several writers.
	held []content
	// coming is what uploads under way may leave there: the content of one that
	// ends in order, nothing of one that does not.
	coming []content
	// since tells when a content was first allowed: ledger.begun.
	since map[content]int
}

func newLedger() *ledger {
	return &ledger{names: map[string]*record{}, changed: make(chan struct{})}
}

func (l *ledger) record(name string) *record {
	r := l.names[name]
	if r == nil {
		r = &record{held: []content{{}}, since: map[content]int{}}
		l.names[name] = r
	}
	return r
}

// begin notes that an upload begins. may says whether its content may become
// that of the name; otherwise not a byte of it may.
func (l *ledger) begin(name string, c content, may bool) (old []content) {
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

// end notes that the upload which began with c is over, and what the name may
// hold from now on.
func (l *ledger) end(name string, c content, held ...content) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.record(name)
	if i := slices.Index(r.coming, c); i >= 0 {
		r.coming = slices.Delete(r.coming, i, i+1)
	}
	r.held = held
	l.ended++
	close(l.changed)
	l.changed = make(chan struct{})
}

// holds returns what the name holds while nobody uploads it.
func (l *ledger) holds(name string) content {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.record(name).held[0]
}

// progress returns how many uploads are over, and a channel that is closed when
// it is one more.
func (l *ledger) progress() (ended int, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended, l.changed
}

// existing returns the names that hold a file.
func (l *ledger) existing() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for name, r := range l.names {
		if r.held[0].exists {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// all returns every name.
func (l *ledger) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.names))
}

// audit reads a name at any moment, and returns what is wrong with what it
// holds. ok is false when read could not tell.
func (l *ledger) audit(name string, read func() (c content, ok bool)) error {
	l.mu.Lock()
	r, since := l.record(name), l.begun
	allowed := append(slices.Clone(r.held), r.coming...)
	l.mu.Unlock()

	c, ok := read()
	l.mu.Lock()
	defer l.mu.Unlock()
	_, was := r.since[c]
	if !ok || slices.Contains(allowed, c) || r.since[c] > since || was && l.contested {
		return nil
	}
	what := "what nobody may see there"
	if was {
		what = "a content of before"
	}
	return fmt.Errorf("%s: a reader sees %s: %v, want one of %v", name, what, c, allowed)
}
