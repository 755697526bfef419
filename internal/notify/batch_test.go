package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// inBatches are settings with batches of so many events.
func inBatches(most int) Settings {
	s := settings()
	s.Batch.Events = most
	s.Buffer = 10_000
	return s
}

// Events gather for a while and go in one request. A full batch goes at once; events about one
// path go in several, in their order.
func TestBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(inBatches(3), nil)
		for _, p := range []string{"/a", "/b", "/b"} {
			f.write(p)
		}
		time.Sleep(90 * time.Millisecond)
		synctest.Wait()
		if n := len(f.r.paths()); n != 0 {
			t.Errorf("%d requests before the events have gathered", n)
		}
		f.write("/c") // the batch is full
		f.write("/d")
		synctest.Wait()
		time.Sleep(time.Second)
		synctest.Wait()
		want := []attempt{{path: "/a /b /c", at: 90 * time.Millisecond}, {path: "/b /d", at: 100 * time.Millisecond}}
		for i, a := range f.r.attempts {
			if len(f.r.attempts) != len(want) || a.path != want[i].path || a.at != want[i].at || !a.batch || a.id == "" || i > 0 && a.id == f.r.attempts[0].id {
				t.Errorf("the requests are %+v", f.r.attempts)
			}
		}
		f.want(t, "queued 0 delivered 5 failed 0 late 0 lost 0")
		f.write("/e")
		f.stop(time.Second) // nothing gathers any more
		if took := time.Since(began); took != 1090*time.Millisecond {
			t.Errorf("the stop has waited until %v", took)
		}
		f.want(t, "queued 0 delivered 6 failed 0 late 0 lost 0")
	})
}

// A batch has at most maxBatch bytes, and more only with one event.
func TestBatchBytes(t *testing.T) {
	o := newOrder()
	for n, size := range []int{maxBatch / 3, maxBatch / 3, maxBatch / 3, 1, maxBatch - 1, 2 * maxBatch, 1, 1} {
		o.add(&entry{body: make([]byte, size)}, [][]string{elements("tenant", fmt.Sprintf("/f%d", n))})
	}
	var sizes []int
	for o.ready.len() > 0 {
		sizes = append(sizes, len(o.gather(1000).events))
	}
	if !slices.Equal(sizes, []int{4, 1, 1, 2}) {
		t.Errorf("batches of %v", sizes)
	}
}

// A batch that fails is sent again as it was, with its ID, when the receiver is not available.
func TestBatchAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(inBatches(10), func(_ context.Context, _ string, n int) error {
			if n <= 2 {
				return errDown
			}
			return nil
		})
		f.write("/a")
		f.write("/b")
		time.Sleep(200 * time.Millisecond)
		f.write("/c")
		time.Sleep(time.Minute)
		synctest.Wait()
		ids := map[string]string{}
		for _, a := range f.r.attempts {
			if before, ok := ids[a.id]; ok && before != a.path {
				t.Errorf("%s was %q and is %q", a.id, before, a.path)
			}
			ids[a.id] = a.path
		}
		if len(ids) != 2 || len(f.r.attempts) != 4 {
			t.Errorf("the requests are %+v", f.r.attempts)
		}
		f.want(t, "queued 0 delivered 3 failed 2 late 0 lost 0")
		f.stop(time.Second)
	})
}

// A batch that is refused is sent in halves, until the event that the receiver does not accept is
// alone. The others are delivered; that one is tried again, and counted when it is lost.
func TestBatchRefused(t *testing.T) {
	for name, refuses := range map[string]func(path string) bool{
		"one event":      func(path string) bool { return strings.Contains(path, "/bad") },
		"large requests": func(path string) bool { return strings.Count(path, "/") > 3 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := inBatches(100)
				s.RetryFor = 10 * time.Minute
				f := start(s, func(_ context.Context, path string, _ int) error {
					if refuses(path) {
						return &Failure{Err: errors.New("the receiver answers 400")}
					}
					return nil
				})
				for n := range 50 {
					f.write(fmt.Sprintf("/f%d", n))
				}
				f.write("/bad")
				for n := range 49 {
					f.write(fmt.Sprintf("/g%d", n))
				}
				time.Sleep(15 * time.Second)
				synctest.Wait()
				lost := 0
				if name == "one event" {
					lost = 1
				}
				if got := f.Status()[0]; got.Waiting != lost || got.Failed != lost || got.Delivered != int64(100-lost) {
					t.Errorf("after 15 seconds: %+v", got)
				}
				time.Sleep(10 * time.Minute)
				f.stop(time.Second)
				f.want(t, fmt.Sprintf("queued 0 delivered %d failed %v late 0 lost %d", 100-lost, f.m.Sum(failedTotal.Name), lost))
				if n := f.log.count("batch of events refused"); n != 1 {
					t.Errorf("%d lines about batches", n)
				}
			})
		})
	}
}

// Replies wait for the request with their event, and those of one moment share one.
func TestBatchBeforeReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inBatches(100)
		s.Delivery = BeforeReply
		f := start(s, func(context.Context, string, int) error {
			time.Sleep(50 * time.Millisecond)
			return nil
		})
		var replies sync.WaitGroup
		for n := range 20 {
			replies.Go(func() {
				f.write(fmt.Sprintf("/f%d", n))
				if took := time.Since(began); took != 60*time.Millisecond {
					t.Errorf("a reply has waited for %v", took)
				}
			})
		}
		replies.Wait()
		if n := len(f.r.paths()); n != 1 {
			t.Errorf("%d requests", n)
		}
		if requests, _ := f.m.Family(requestDuration.Name); len(requests.Samples) != 1 || requests.Samples[0].Value != 0.05 ||
			!slices.Equal(requests.Samples[0].Counts, []int64{0, 0, 1, 0, 0, 0, 0, 0}) {
			t.Errorf("the metric of requests is %+v", requests)
		}
		f.stop(time.Second)
	})
}

// After a reload no batch is sent as the block does not say any more.
func TestBatchReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := start(inBatches(2), func(context.Context, string, int) error {
			<-release
			return errDown
		})
		for _, p := range []string{"/a", "/b", "/c", "/d"} {
			f.write(p)
		}
		synctest.Wait()
		next := &receiver{}
		f.Set("node", []Spec{{Name: "test.one", Settings: settings(), Sender: next}}, time.Minute)
		close(release)
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := sorted(next.paths()); !slices.Equal(got, []string{"/a", "/b", "/c", "/d"}) {
			t.Errorf("the next receiver got %v", got)
		}
		f.want(t, "queued 0 delivered 4 failed 2 late 0 lost 0")
		f.stop(time.Second)
	})
}

func TestBody(t *testing.T) {
	for want, m := range map[string]Message{
		`{"a":1}`:           {Events: [][]byte{[]byte(`{"a":1}`)}},
		`[{"a":1}]`:         {Events: [][]byte{[]byte(`{"a":1}`)}, Batch: true},
		`[{"a":1},{"b":2}]`: {Events: [][]byte{[]byte(`{"a":1}`), []byte(`{"b":2}`)}, Batch: true},
	} {
		for range 2 { // to read it consumes nothing of the message
			body := m.Body()
			if got, err := io.ReadAll(&body); err != nil || string(got) != want {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		}
	}
}

// The fixture's events have one path; an event about a directory is in no batch with what lies
// below it.
func TestBatchOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(inBatches(100), nil)
		f.Changed(context.Background(), event("mkdir", "/d", "", vfs.TypeDir))
		f.write("/d/a")
		f.write("/d/b")
		f.write("/other")
		time.Sleep(time.Second)
		synctest.Wait()
		if got := f.r.paths(); !slices.Equal(got, []string{"/d /other", "/d/a /d/b"}) {
			t.Errorf("the requests are %q", got)
		}
		f.stop(time.Second)
	})
}
