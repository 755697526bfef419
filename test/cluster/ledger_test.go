package cluster

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// content is what a path holds: the hash of a file, or nothing.
type content struct {
	exists bool
	sum    [sha256.Size]byte
}

func contentOf(b []byte) content { return content{exists: true, sum: sha256.Sum256(b)} }

// absent is a path without a file.
var absent content

func (c content) String() string {
	if !c.exists {
		return "no file"
	}
	return fmt.Sprintf("%x", c.sum[:6])
}

// outcome is what a client was told of an upload.
type outcome struct {
	// code is the last reply, 0 when the connection was lost before it.
	code int
	// begun is true when the server had accepted the upload with a 150.
	begun bool
	// err is for people.
	err string
}

func (o outcome) receipt() bool { return o.code == 226 }

// name is a row of the summary.
func (o outcome) name() string {
	switch {
	case o.code == 0:
		return "lost"
	case o.begun && !o.receipt():
		return fmt.Sprintf("150 %d", o.code)
	default:
		return fmt.Sprint(o.code)
	}
}

// ledger notes every upload: what it was to store, and what its client was told.
// The uploads of one path follow one another.
type ledger struct {
	mu    sync.Mutex
	start time.Time
	paths map[string]*record
	begun int
	// receipts count by node, outcomes by client and name.
	receipts map[int]int
	outcomes map[string]map[string]int
	changed  chan struct{} // closed and replaced with every outcome
}

// record is the ledger's page for one path.
type record struct {
	// possible is what the path may hold, uploads under way not counted: one
	// content after a receipt, more after an upload without one.
	possible []content
	// versions are all that were ever begun, and when: ledger.begun.
	versions map[content]int
	pending  *content
}

func newLedger() *ledger {
	return &ledger{
		start: time.Now(), paths: map[string]*record{}, receipts: map[int]int{},
		outcomes: map[string]map[string]int{}, changed: make(chan struct{}),
	}
}

// begin notes that an upload begins.
func (l *ledger) begin(path string, c content) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.paths[path]
	if r == nil {
		r = &record{possible: []content{absent}, versions: map[content]int{}}
		l.paths[path] = r
	}
	l.begun++
	r.versions[c] = l.begun
	r.pending = &c
}

// end notes what the client was told. A receipt fixes what the path holds;
// without one it holds what it held, or the new content.
func (l *ledger) end(path, client string, node int, o outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.paths[path]
	if o.receipt() {
		r.possible = []content{*r.pending}
		l.receipts[node]++
	} else if !slices.Contains(r.possible, *r.pending) {
		r.possible = append(r.possible, *r.pending)
	}
	r.pending = nil
	if l.outcomes[client] == nil {
		l.outcomes[client] = map[string]int{}
	}
	l.outcomes[client][o.name()]++
	close(l.changed)
	l.changed = make(chan struct{})
}

// receiptsOf counts the receipts that each node gave, and returns a channel that
// is closed when there are more.
func (l *ledger) receiptsOf() (map[int]int, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.receipts), l.changed
}

// all returns the paths in order.
func (l *ledger) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.paths))
}

// underway returns the paths that are being uploaded.
func (l *ledger) underway() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var paths []string
	for path, r := range l.paths {
		if r.pending != nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// audit reads a path with read and returns what is wrong with what it holds.
// Uploads of the path may go on meanwhile.
func (l *ledger) audit(path string, read func(path string) (content, error)) error {
	l.mu.Lock()
	r, since := l.paths[path], l.begun
	if r == nil {
		l.mu.Unlock()
		return fmt.Errorf("%s: nobody uploaded it", path)
	}
	allowed := slices.Clone(r.possible)
	if r.pending != nil {
		allowed = append(allowed, *r.pending)
	}
	l.mu.Unlock()

	c, err := read(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Contains(allowed, c) || r.versions[c] > since {
		return nil
	}
	what := "content that nobody uploaded there"
	if _, was := r.versions[c]; was {
		what = "an older content"
	} else if !c.exists {
		what = "no file"
	}
	return fmt.Errorf("%s: holds %s (%v), want %v", path, what, c, allowed)
}

// String is the summary.
func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%d uploads of %d files in %v", l.begun, len(l.paths), time.Since(l.start).Round(time.Millisecond))
	for _, client := range slices.Sorted(maps.Keys(l.outcomes)) {
		fmt.Fprintf(&b, "\n%10s:", client)
		for _, name := range slices.Sorted(maps.Keys(l.outcomes[client])) {
			fmt.Fprintf(&b, " %d × %s", l.outcomes[client][name], name)
		}
	}
	b.WriteString("\n  receipts:")
	for _, node := range slices.Sorted(maps.Keys(l.receipts)) {
		fmt.Fprintf(&b, " node %d: %d", node, l.receipts[node])
	}
	return b.String()
}
