package azstub

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The tests here run the handler in a bubble of synctest, where waiting costs
// no time and takes exactly as long as it should.

// exchange sends a request to the handler and returns how long it took.
func exchange(t *testing.T, s *Server, method, path string, body []byte) (*httptest.ResponseRecorder, time.Duration) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://x/"+DevAccount+path, bytes.NewReader(body))
	r.Header.Set("x-ms-blob-type", BlockBlob)
	w := httptest.NewRecorder()
	begin := time.Now()
	s.ServeHTTP(w, r)
	if w.Code >= http.StatusBadRequest {
		t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w, time.Since(begin)
}

func bubble(t *testing.T, opts Options, test func(t *testing.T, s *Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		opts.Auth = NoAuth
		s, err := New(opts)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		s.CreateContainer("files")
		test(t, s)
	})
}

// near reports whether a duration is what it should be, up to the debt that a
// pacer does not wait for.
func near(got, want time.Duration) bool { return got <= want && got >= want-2*slack }

func TestLatency(t *testing.T) {
	t.Parallel()
	bubble(t, Options{Shape: Shape{Latency: 20 * time.Millisecond}}, func(t *testing.T, s *Server) {
		if _, d := exchange(t, s, "PUT", "/files/b", nil); d != 20*time.Millisecond {
			t.Errorf("took %v", d)
		}
		s.AddRule(Rule{Kinds: []Kind{HeadBlob}, Shape: Shape{Latency: time.Second, Jitter: time.Minute}})
		if _, d := exchange(t, s, "HEAD", "/files/b", nil); d < 1020*time.Millisecond || d > 61*time.Second+20*time.Millisecond {
			t.Errorf("took %v", d)
		}
		s.SetShape(Shape{})
		if _, d := exchange(t, s, "GET", "/files/b", nil); d != 0 {
			t.Errorf("took %v", d)
		}
	})
}

func TestRates(t *testing.T) {
	t.Parallel()
	data := make([]byte, 10<<20)
	for _, tc := range []struct {
		name     string
		shape    Shape
		requests int
		up, down time.Duration
	}{
		{"per request, up", Shape{Upload: 5 << 20}, 3, 2 * time.Second, 0},
		{"per request, down", Shape{Download: 10 << 20}, 3, 0, time.Second},
		{"all together, up", Shape{TotalUpload: 10 << 20}, 3, 3 * time.Second, 0},
		{"all together, down", Shape{TotalDownload: 20 << 20}, 4, 0, 2 * time.Second},
		{"both, the lower rules", Shape{Upload: 1 << 20, TotalUpload: 100 << 20}, 2, 10 * time.Second, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, Options{Shape: tc.shape, SkipChecksums: true}, func(t *testing.T, s *Server) {
				all := func(method string) (slowest time.Duration) {
					var wg sync.WaitGroup
					took := make([]time.Duration, tc.requests)
					for i := range took {
						wg.Go(func() { _, took[i] = exchange(t, s, method, "/files/b", data) })
					}
					wg.Wait()
					for _, d := range took {
						slowest = max(slowest, d)
					}
					return slowest
				}
				if d := all("PUT"); !near(d, tc.up) {
					t.Errorf("up took %v, want %v", d, tc.up)
				}
				time.Sleep(time.Second) // so that the streams cannot make up for a pause
				if d := all("GET"); !near(d, tc.down) {
					t.Errorf("down took %v, want %v", d, tc.down)
				}
			})
		})
	}
}

// TestPauseEnds checks that a request that waits ends with its client.
func TestPauseEnds(t *testing.T) {
	t.Parallel()
	bubble(t, Options{Shape: Shape{Latency: time.Hour}}, func(t *testing.T, s *Server) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, "GET", "http://x/"+DevAccount+"/files/b", nil)
		begin := time.Now()
		func() {
			defer func() {
				if recover() != http.ErrAbortHandler {
					t.Error("the handler did not abort")
				}
			}()
			s.ServeHTTP(httptest.NewRecorder(), r)
		}()
		if d := time.Since(begin); d != time.Second {
			t.Errorf("took %v", d)
		}
	})
}

// TestDiscard checks that sizes are kept, and that what is read is the pattern
// at the right offset, whichever way the blob was made.
func TestDiscard(t *testing.T) {
	t.Parallel()
	s, err := New(Options{Discard: true, SkipChecksums: true, Auth: NoAuth})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.CreateContainer("files")
	pattern := Pattern()
	want := bytes.Repeat(pattern, 3)
	exchange(t, s, "PUT", "/files/put", want)
	exchange(t, s, "PUT", "/files/list?comp=block&blockid=MQ==", want[:1<<20])
	exchange(t, s, "PUT", "/files/list?comp=block&blockid=Mg==", want[1<<20:])
	exchange(t, s, "PUT", "/files/list?comp=blocklist", []byte("<BlockList><Latest>MQ==</Latest><Latest>Mg==</Latest></BlockList>"))
	if err := s.Place("files", "placed", Blob{Size: int64(len(want))}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"put", "list", "placed"} {
		if w, _ := exchange(t, s, "GET", "/files/"+name, nil); !bytes.Equal(w.Body.Bytes(), want) {
			t.Errorf("%s reads differently", name)
		}
		r := httptest.NewRequest("GET", "http://x/"+DevAccount+"/files/"+name, nil)
		r.Header.Set("x-ms-range", "bytes=1048570-2097160")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if got, _ := io.ReadAll(w.Body); !bytes.Equal(got, want[1048570:2097161]) {
			t.Errorf("a range of %s reads differently", name)
		}
		if b, _ := s.Blob("files", name); b.Size != int64(len(want)) {
			t.Errorf("size of %s: %d", name, b.Size)
		}
	}
}

// TestDiscardAllocates checks that the data path of an upload needs no memory
// in proportion to the body.
func TestDiscardAllocates(t *testing.T) {
	s, err := New(Options{Discard: true, SkipChecksums: true, Auth: NoAuth})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.CreateContainer("files")
	data := make([]byte, 64<<20)
	exchange(t, s, "PUT", "/files/b", data)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	exchange(t, s, "PUT", "/files/b", data)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes for a body of 64 MiB", n)
	}
}

func TestCompareUTF16(t *testing.T) {
	t.Parallel()
	ordered := []string{
		"", "a", "a ", "a b", "a!", "aa", "b", "z\u0301", "é", "\u4e2d",
		"\U0001F600", "\U0001F600a", "\U0001F601", "\U0001F9FF", "\uE000", "～", "～a",
	}
	for i, a := range ordered {
		for j, b := range ordered {
			got := compareUTF16(a, b)
			if (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%q, %q: %d", a, b, got)
			}
		}
	}
}
