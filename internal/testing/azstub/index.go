package azstub

import (
	"slices"
	"sort"
	"strings"
)

// nameIndex keeps the names of a container in the order of listings. Names are
// only appended; they are put in their places when a listing asks for them, so
// that filling a container with a million blobs costs one sort. Names that are
// gone stay until they are the majority: the listing skips them.
type nameIndex struct {
	compare func(a, b string) int
	sorted  []string
	added   []string
	gone    int
}

// add takes a name that is not in the index.
func (x *nameIndex) add(name string) { x.added = append(x.added, name) }

// remove records that a name was removed. The map that the index belongs to shows which one.
func (x *nameIndex) remove() { x.gone++ }

// settle merges what was added and, when it pays, drops what alive refuses.
// A name that was removed and added again appears once.
func (x *nameIndex) settle(alive func(string) bool) {
	if x.gone > len(x.sorted)/2 {
		x.sorted = slices.DeleteFunc(x.sorted, func(n string) bool { return !alive(n) })
		x.gone = 0
	}
	if len(x.added) == 0 {
		return
	}
	slices.SortFunc(x.added, x.compare)
	if n := len(x.sorted); n == 0 || x.compare(x.sorted[n-1], x.added[0]) < 0 {
		x.sorted = append(x.sorted, x.added...)
	} else {
		x.sorted = x.merge()
	}
	x.sorted = slices.Compact(x.sorted)
	x.added = nil
}

func (x *nameIndex) merge() []string {
	out := make([]string, 0, len(x.sorted)+len(x.added))
	a, b := x.sorted, x.added
	for len(a) > 0 && len(b) > 0 {
		if x.compare(a[0], b[0]) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// from is the position of the first name that is not before name.
func (x *nameIndex) from(name string) int {
	return sort.Search(len(x.sorted), func(i int) bool { return x.compare(x.sorted[i], name) >= 0 })
}

// after is the first position at or after i whose name does not begin with
// prefix; names that share a prefix are neighbours.
func (x *nameIndex) after(i int, prefix string) int {
	rest := x.sorted[i:]
	return i + sort.Search(len(rest), func(j int) bool {
		return !strings.HasPrefix(rest[j], prefix) && x.compare(rest[j], prefix) > 0
	})
}
