package streams

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/internal/memory"
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

// A directory whose place is taken again and again yields each entry once, whatever the order of
// the store, also those that come meanwhile.
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
				taken := got[590:]
				dir.names = slices.DeleteFunc(dir.names, func(name string) bool { return slices.Contains(taken, name) })
				dir.names = append(dir.names, "more")
			}
			rand.Shuffle(len(dir.names), func(i, j int) { dir.names[i], dir.names[j] = dir.names[j], dir.names[i] })
		}
		slices.Sort(got)
		if want := append(numbered(1000), "more"); !slices.Equal(got, want) {
			t.Errorf("got %d entries, want %d", len(got), len(want))
		}
		d.Close()
	})
}

// A directory that has lost its place, and of which more was taken than is remembered, ends with
// an error: nothing is left out without a word. While it is used it keeps its place.
func TestTooLargeToBeginAgain(t *testing.T) {
	for name, c := range map[string]struct {
		memory int64
		most   int
	}{"any directory": {1 << 20, maxAgain}, "no memory": {moreTaken * hashBytes, fewTaken + moreTaken}} {
		within(t, 1, func(s *site) {
			part := memory.New(c.memory).Part("buffers", memory.Limits{Most: c.memory})
			dir, other := &store{names: numbered(c.most + 10)}, s.of("bob", Options{}).opened(s.T)
			d := s.of("mallory", Options{Late: true, Memory: part}).Directory(s.Context(), dir.list)
			for _, n := range []int{c.most, 1} { // after the first one it can begin again
				if got := len(take(d, n)); got != n {
					t.Fatalf("%s: %d entries, want %d: %v", name, got, n, d.Err())
				}
				other.use()
				other.End()
			}
			if rest := take(d, 1); len(rest) > 0 || vfs.KindOf(d.Err()) != vfs.KindBusy {
				t.Errorf("%s: %q, then %v", name, rest, d.Err())
			}
			d.Close()
			if held := part.Budget().Held(); held != 0 {
				t.Errorf("%s: %d bytes are left", name, held)
			}
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
