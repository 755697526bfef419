package azstub_test

import (
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

func TestCounts(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	if got := s.Counts().String(); got != "none" {
		t.Errorf("at first: %s", got)
	}
	put(t, c, "a", "12345")
	before, seq := s.Counts(), s.Seq()
	put(t, c, "b", "123")
	_, err := c.NewBlobClient("b").GetProperties(t.Context(), nil)
	wantNoError(t, err)
	_, err = c.NewBlobClient("none").GetProperties(t.Context(), nil)
	wantCode(t, err, 404, "BlobNotFound")
	n := s.Counts().Since(before)
	if got := n.String(); got != "PutBlob 1, HeadBlob 2" {
		t.Errorf("got %s", got)
	}
	if n.Total() != 3 || n.Of(azstub.HeadBlob, azstub.GetBlob) != 2 || s.Counts().Total() != 4 {
		t.Errorf("total %d", n.Total())
	}
	reqs := s.Requests(seq)
	if len(reqs) != 3 || reqs[0].Blob != "b" || reqs[0].In != 3 || reqs[2].Code != "BlobNotFound" || reqs[2].Status != 404 {
		t.Errorf("requests %+v", reqs)
	}
	if got := azstub.Trips(reqs); got != 3 {
		t.Errorf("%d trips, want 3", got)
	}
}

// TestTripsInParallel holds two of four requests until both are there.
func TestTripsInParallel(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{History: 16})
	both := make(chan struct{})
	put(t, c, "first", "x")
	remove := s.AddRule(azstub.Rule{Blob: "held", Fault: azstub.Hold(both)})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { put(t, c, "held", "x") })
	}
	wantNoError(t, s.Wait(t.Context(), func(n azstub.Counts) bool { return n.Of(azstub.PutBlob) == 3 }))
	if got := azstub.Trips(s.Requests(0)); got != 2 {
		t.Errorf("%d trips while two are under way, want 2", got)
	}
	close(both)
	wg.Wait()
	remove()
	put(t, c, "last", "x")
	if got := azstub.Trips(s.Requests(0)); got != 3 {
		t.Errorf("%d trips, want 3", got)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{History: 3})
	for _, n := range []string{"a", "b", "c", "d", "e"} {
		put(t, c, n, n)
	}
	got := ""
	for _, r := range s.Requests(0) {
		got += r.Blob
	}
	if got != "cde" || len(s.Requests(4)) != 1 || len(s.Requests(5)) != 0 {
		t.Errorf("remembered %q", got)
	}
}

func TestTrips(t *testing.T) {
	t.Parallel()
	at := func(ms int) time.Time { return time.Unix(0, 0).Add(time.Duration(ms) * time.Millisecond) }
	type span struct{ start, end int }
	for _, tc := range []struct {
		name  string
		spans []span
		want  int
	}{
		{"none", nil, 0},
		{"one", []span{{0, 1}}, 1},
		{"one after the other", []span{{0, 1}, {1, 2}, {3, 4}}, 3},
		{"all at once", []span{{0, 10}, {1, 9}, {2, 8}}, 1},
		{"two beside a long one", []span{{0, 10}, {1, 4}, {5, 9}}, 2},
		{"listed out of order", []span{{5, 9}, {0, 4}}, 2},
		{"a pair, then a pair", []span{{0, 4}, {1, 5}, {6, 9}, {7, 10}}, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var reqs []azstub.Request
			for _, s := range tc.spans {
				reqs = append(reqs, azstub.Request{Start: at(s.start), End: at(s.end)})
			}
			if got := azstub.Trips(reqs); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}
