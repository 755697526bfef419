package frontendtest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// aTime is a modification time that all protocols can say.
var aTime = time.Date(2019, 12, 24, 18, 30, 1, 0, time.UTC)

// noTime leaves a file's time to the store.
func noTime() time.Time { return time.Time{} }

func listTests() []suiteTest {
	return []suiteTest{
		{"list/empty", testListEmpty},
		{"list/facts", testListFacts},
		{"list/1000", func(t *testing.T, target Target) { testListMany(t, target, 1000) }},
		{"list/6000", testListHuge},
		{"list/leaves no session", testListAgain},
	}
}

func testListEmpty(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	s.wantNames(c, "/")
	s.storeDir("/dir")
	s.wantNames(c, "/dir")
}

func testListFacts(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	s.storeDir("/dir")
	s.StoreFile("/small", []byte("x"), aTime)
	s.StoreFile("/large", content(1, 123456), aTime.Add(time.Hour))
	c := s.login()
	entries, err := c.List("/")
	s.ok(err, "list")
	byName := map[string]Entry{}
	for _, e := range entries {
		byName[e.Name] = e
	}
	want := []Entry{
		{Name: "small", Size: 1, ModTime: aTime},
		{Name: "large", Size: 123456, ModTime: aTime.Add(time.Hour)},
	}
	if !s.store.Caps().SetModTime {
		for i := range want {
			want[i].ModTime = byName[want[i].Name].ModTime
		}
	}
	for _, w := range want {
		if got := byName[w.Name]; got.Dir || got.Size != w.Size || !got.ModTime.Equal(w.ModTime) {
			t.Errorf("list: %+v, want %+v", got, w)
		}
		// What is reported of one entry is what the listing says.
		if got, err := c.Stat("/" + w.Name); err != nil || got.Dir || got.Size != w.Size || !got.ModTime.Equal(w.ModTime) {
			t.Errorf("stat: %+v, %v; want %+v", got, err, w)
		}
	}
	if got := byName["dir"]; !got.Dir {
		t.Errorf("list: %+v, want a directory", got)
	}
}

func testListHuge(t *testing.T, target Target) {
	if !target.Small {
		testListMany(t, target, 6000)
	}
}

func testListMany(t *testing.T, target Target, n int) {
	s := serve(t, target, setup{})
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("entry %05d.dat", i)
	}
	// Several at once, since a store may be far.
	var wg sync.WaitGroup
	for part := range slices.Chunk(names, (n+15)/16) {
		wg.Go(func() {
			for _, name := range part {
				if err := storeFile(t.Context(), s.store.Backend.Backend, "/dir/"+name, nil, noTime()); err != nil {
					t.Errorf("store: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	c := s.login()
	s.wantNames(c, "/dir", names...)
	s.wantNames(c, "/", "dir")
}

// testListAgain proves that a listing leaves nothing that a later transfer
// could take for its own.
func testListAgain(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	for i := range 10 {
		s.put(c, "/file", content(byte(i), 1000))
		s.wantNames(c, "/", "file")
		s.wantGet(c, "/file", content(byte(i), 1000))
	}
}
