package azblob

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

// TestWanted: what is read ahead follows from how fast the client takes bytes,
// how fast one range brings them, and how much the client has taken.
func TestWanted(t *testing.T) {
	const mib = 1 << 20
	tests := []struct {
		name          string
		client, store float64 // MiB/s
		credit, rest  int64   // MiB: taken by the client, left of the head
		n             int
		deep          bool
	}{
		{name: "nothing is known", credit: 8, rest: 1},
		{name: "fast, at the beginning", client: 1000, store: 60, credit: 1, rest: 7},
		{name: "fast, a quarter of a range", client: 1000, store: 60, credit: 2, rest: 6, n: 1, deep: true},
		{name: "fast, half a range", client: 1000, store: 60, credit: 4, rest: 4, n: 5, deep: true},
		{name: "fast, proven", client: 1000, store: 60, credit: 100, rest: 8, n: 11, deep: true},
		{name: "half as fast", client: 320, store: 60, credit: 100, rest: 8, n: 6, deep: true},
		{name: "fast, slow store", client: 1000, store: 1, credit: 100, rest: 8, n: maxAhead, deep: true},
		{name: "a little faster than a range", client: 100, store: 60, credit: 100, rest: 8, n: 2, deep: true},
		{name: "as fast as a range", client: 60, store: 60, credit: 100, rest: 4, n: 1},
		{name: "as fast as a range, early", client: 60, store: 60, credit: 100, rest: 5},
		{name: "fast, and so is the store", client: 1000, store: 900, credit: 100, rest: 4, n: 1},
		{name: "slow, early", client: 1, store: 60, credit: 100, rest: 1},
		{name: "slow, at the head's end", client: 4, store: 60, credit: 100, rest: 1, n: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := &readAhead{src: &source{b: &Backend{blockSize: 8 * mib}}, credit: test.credit * mib, spans: []*span{{end: test.rest * mib}}}
			a.store.rate = test.store * mib
			if n, deep := a.wanted(0, test.client*mib); n != test.n || deep != test.deep {
				t.Errorf("%d spans, deep %v, want %d, %v", n, deep, test.n, test.deep)
			}
		})
	}
}

// TestMeter: a client that becomes slow is seen before a stretch is over, and
// the best that a range has done fades.
func TestMeter(t *testing.T) {
	var m meter
	if m.add(500, time.Second, 1000); m.current() != 0 {
		t.Errorf("%v before the first stretch is over", m.current())
	}
	if m.add(500, time.Second, 1000); m.current() != 500 {
		t.Errorf("%v, want 500", m.current())
	}
	if m.add(100, 10*time.Second, 1000); m.current() != 10 {
		t.Errorf("%v in the middle of a slow stretch, want 10", m.current())
	}
	src := &source{b: &Backend{blockSize: 8000}}
	r := &reader{src: src, ahead: &readAhead{src: src}}
	if r.clientTook(1000, time.Second); r.client.current() != 1000 {
		t.Errorf("the client's rate is %v, want 1000", r.client.current())
	}
	r.waited = time.Second
	if r.clientTook(1000, time.Second); r.client.current() != enough || r.waited != 0 {
		t.Errorf("the rate of a client that waits is %v, want %v", r.client.current(), enough)
	}
	r.ahead.storeBrought(1000, time.Second)
	r.ahead.storeBrought(1000, 100*time.Second)
	if r.ahead.store.rate != 800 {
		t.Errorf("the rate of the store is %v, want 800", r.ahead.store.rate)
	}
}

// TestSpace: what lies between service and client follows the client, and needs
// nothing of a pool that has nothing to spare.
func TestSpace(t *testing.T) {
	pool := chunk.New(16 << 20)
	r := &reader{info: vfs.Info{Size: 1 << 30}, ahead: &readAhead{account: pool.OpenAhead(func() []*chunk.Chunk { return nil })}}
	wantSpace := func(want int) {
		t.Helper()
		if got := len(r.space()); got != want {
			t.Errorf("%d bytes, want %d", got, want)
		}
		if r.cur != nil {
			r.freeCurrent()
		}
	}
	wantSpace(smallBuffer)
	r.client.rate = fastClient
	wantSpace(chunk.LargeSize)
	upload := pool.Open(nil, func() bool { return false })
	var held []*chunk.Chunk
	for pool.Stats().InUse < pool.Budget() {
		c, err := upload.Get(t.Context(), chunk.Large)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	wantSpace(smallBuffer)
	for _, c := range held {
		upload.Put(c)
	}
	wantSpace(chunk.LargeSize)
	r.client.rate = fastClient / 2
	wantSpace(smallBuffer)
	r.buf, r.info.Size = nil, 10
	wantSpace(10)
	upload.Close()
	if st := pool.Stats(); st.InUse != 0 {
		t.Errorf("at the end: %+v", st)
	}
}

// TestWatchdog ends a Read that stalls, and neither one that goes on nor a
// client who takes his time.
func TestWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pr, pw := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		b := newBody(pr, cancel, time.Minute)
		read := make(chan error)
		buf := make([]byte, 10)
		for range 5 {
			go func() {
				_, err := b.Read(buf)
				read <- err
			}()
			time.Sleep(50 * time.Second)
			_, _ = pw.Write([]byte("x")) // it is read
			if err := <-read; err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour)
		if ctx.Err() != nil {
			t.Fatal("ended while nobody read")
		}
		began := time.Now()
		go func() {
			_, err := b.Read(buf)
			read <- err
		}()
		<-ctx.Done()
		if took := time.Since(began); took < time.Minute || took > 2*time.Minute {
			t.Errorf("ended after %v, want one minute to two", took)
		}
		_ = pw.CloseWithError(context.Cause(ctx))
		if err := <-read; err == nil || !strings.Contains(err.Error(), "canceled") {
			t.Errorf("read: %v", err)
		}
		_ = b.Close()
		time.Sleep(time.Hour) // nothing comes any more
	})
}
