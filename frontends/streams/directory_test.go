package streams

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

// store is a directory that counts how often it is listed.
type store struct {
	names  []string
	err    error // after the last name
	opened int
	open   int
}

func (s *store) list() iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		s.opened, s.open = s.opened+1, s.open+1
		defer func() { s.open-- }()
		for _, name := range slices.Clone(s.names) {
			if !yield(vfs.Info{Name: name}, nil) {
				return
			}
		}
		if s.err != nil {
			yield(vfs.Info{}, s.err)
		}
	}
}

func numbered(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("%06d", i))
	}
	return names
}

// take takes up to n entries in one use, and returns their names.
func take(d *Directory, n int) (names []string) {
	d.Use(func() {
		for info, ok := d.Ahead(); ok && len(names) < n; info, ok = d.Ahead() {
			names = append(names, info.Name)
			d.Take()
		}
	})
	return names
}

// A directory whose place is taken again and again yields each entry once, also those that
// come meanwhile behind its position.
func TestListedAgain(t *testing.T) {
	within(t, 1, func(s *site) {
		dir, other := &store{names: numbered(1000)}, s.of("bob", Options{}).opened(s.T)
		d := s.of("mallory", Options{Late: true}).Directory(s.Context(), dir.list)
		var got []string
		for range 10 {
			got = append(got, take(d, 300)...)
			other.use() // closes the directory
			other.End()
			if dir.open != 0 {
				t.Fatal("it is open without its place")
			}
			if len(got) == 600 {
				dir.names = append(slices.Delete(slices.Clone(dir.names), 590, 620), "more")
			}
		}
		if want := append(slices.Delete(numbered(1000), 600, 620), "more"); !slices.Equal(got, want) {
			t.Errorf("got %d entries, want %d", len(got), len(want))
		}
		d.Close()
	})
}

// A directory that has lost its place and its position ends with an error: nothing is left
// out without a word. So does a very large one.
func TestLostPosition(t *testing.T) {
	for name, c := range map[string]struct {
		taken int
		then  []string
		kind  vfs.Kind
	}{
		"all entries that it remembers are gone": {200, numbered(100), vfs.KindConflict},
		"more was taken than is listed again":    {maxAgain + 1, numbered(maxAgain + 10), vfs.KindBusy},
	} {
		within(t, 1, func(s *site) {
			dir, other := &store{names: numbered(maxAgain + 10)}, s.of("bob", Options{}).opened(s.T)
			d := s.of("mallory", Options{Late: true}).Directory(s.Context(), dir.list)
			if n := len(take(d, c.taken)); n != c.taken {
				t.Fatalf("%s: %d entries", name, n)
			}
			other.use()
			other.End()
			dir.names = c.then
			if rest := take(d, 1); len(rest) > 0 || vfs.KindOf(d.Err()) != c.kind {
				t.Errorf("%s: %q, then %v", name, rest, d.Err())
			}
			d.Close()
		})
	}
}

// The end of a directory, and an error, leave nothing open, and take no place.
func TestEndOfDirectory(t *testing.T) {
	for _, want := range []error{nil, errors.New("broken")} {
		within(t, 1, func(s *site) {
			dir := &store{names: numbered(10), err: want}
			d := s.of("u", Options{Late: true}).Directory(s.Context(), dir.list)
			if n := len(take(d, 20)); n != 10 || !errors.Is(d.Err(), want) || dir.open != 0 || s.places.Held() != 0 {
				t.Errorf("%d entries, then %v; %d listings are open, %d places held", n, d.Err(), dir.open, s.places.Held())
			}
			if n := len(take(d, 1)); n != 0 || dir.opened != 1 {
				t.Errorf("%d more entries, listed %d times", n, dir.opened)
			}
			d.Close()
		})
	}
}
