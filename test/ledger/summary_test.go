package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

// summary counts what became of uploads.
type summary struct {
	mu   sync.Mutex
	rows map[string]*row
	// struck counts uploads by fault.
	struck map[string]int
}

type row struct {
	uploads, receipts, refused, lost int
	// kept and unheard are the uploads without an acknowledgement that left the old
	// content, and those that left the new one whole.
	kept, unheard, violations int
}

func newSummary() *summary {
	return &summary{rows: map[string]*row{}, struck: map[string]int{}}
}

func (s *summary) note(p *plan, v result, violation, renewed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := []string{p.ending.name, "total"}
	if p.opening != anew {
		names = append(names, p.opening.row())
	}
	if p.fault.name != "" {
		s.struck[p.fault.name]++
		names = append(names, "(with a fault of the store)")
	}
	for _, name := range names {
		r := s.rows[name]
		if r == nil {
			r = &row{}
			s.rows[name] = r
		}
		r.uploads++
		switch {
		case v.receipt:
			r.receipts++
		case v.lost():
			r.lost++
		default:
			r.refused++
		}
		switch {
		case violation:
			r.violations++
		case !v.receipt && renewed:
			r.unheard++
		case !v.receipt:
			r.kept++
		}
	}
}

// of returns the row of that name.
func (s *summary) of(name string) row {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.rows[name]; r != nil {
		return *r
	}
	return row{}
}

func (s *summary) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "uploads\treceipt\trefused\tlost\told kept\tnew whole\tviolations\t \n")
	for _, name := range slices.Sorted(maps.Keys(s.rows)) {
		r := s.rows[name]
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%d\t%d\t%d\t  %s\n",
			r.uploads, r.receipts, r.refused, r.lost, r.kept, r.unheard, r.violations, name)
	}
	_ = w.Flush() // a Builder takes everything
	return b.String()
}
