package azblob

import (
	"testing"
	"time"
)

// TestWanted: what is read ahead follows from how fast the client takes bytes,
// how fast one range brings them, and how much the client has taken.
func TestWanted(t *testing.T) {
	const mib = 1 << 20
	tests := []struct {
		name          string
		client, store float64 // MiB/s
		credit, rest  int64   // MiB: taken by the client, left of the head
		most          int     // ranges that memory holds; 0: as many as may be
		extra         int
		n             int
		deep          bool
	}{
		{name: "nothing is known", credit: 8, rest: 1},
		{name: "fast, at the beginning", client: 1000, store: 60, credit: 1, rest: 7},
		{name: "fast, a quarter of a range", client: 1000, store: 60, credit: 2, rest: 6, n: 1, deep: true},
		{name: "fast, half a range", client: 1000, store: 60, credit: 4, rest: 4, n: 5, deep: true},
		{name: "fast, proven", client: 1000, store: 60, credit: 100, rest: 8, n: 11, deep: true},
		{name: "fast, proven, little memory", client: 1000, store: 60, credit: 100, rest: 8, most: 4, n: 4, deep: true},
		{name: "half as fast", client: 320, store: 60, credit: 100, rest: 8, n: 7, deep: true},
		{name: "half as fast, and has waited", client: 320, store: 60, credit: 100, rest: 8, extra: 2, n: 9, deep: true},
		{name: "fast, slow store", client: 1000, store: 1, credit: 100, rest: 8, n: maxAhead, deep: true},
		{name: "a little faster than a range", client: 100, store: 60, credit: 100, rest: 8, n: 3, deep: true},
		{name: "as fast as a range", client: 60, store: 60, credit: 100, rest: 4, n: 1},
		{name: "as fast as a range, early", client: 60, store: 60, credit: 100, rest: 5},
		{name: "fast, and so is the store", client: 1000, store: 900, credit: 100, rest: 4, n: 1},
		{name: "slow, early", client: 1, store: 60, credit: 100, rest: 1},
		{name: "slow, at the head's end", client: 4, store: 60, credit: 100, rest: 1, n: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := &window{size: 8 * mib, most: maxAhead, extra: test.extra, credit: test.credit * mib}
			if test.most > 0 {
				w.most = test.most
			}
			w.store.rate = test.store * mib
			if n, deep := w.wanted(test.rest*mib, test.client*mib); n != test.n || deep != test.deep {
				t.Errorf("%d ranges, deep %v, want %d, %v", n, deep, test.n, test.deep)
			}
		})
	}
}

// TestMeter: a client that becomes slow is seen before a stretch is over.
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
}

// TestClientRate: a client that waits for bytes counts as a fast one.
func TestClientRate(t *testing.T) {
	src := &source{b: &Backend{blockSize: 8000}}
	r := &reader{src: src, ahead: &readAhead{src: src, window: window{size: 8000}}}
	if r.clientTook(1000, time.Second); r.client.current() != 1000 {
		t.Errorf("the client's rate is %v, want 1000", r.client.current())
	}
	r.waited = time.Second
	if r.clientTook(1000, time.Second); r.client.current() != enough || r.waited != 0 {
		t.Errorf("the rate of a client that waits is %v, want %v", r.client.current(), enough)
	}
}

// TestStoreRate: the best that a head has done fades, and ranges that were read in
// advance say more: with them the delay counts.
func TestStoreRate(t *testing.T) {
	w := window{size: 8000}
	want := func(rate float64) {
		t.Helper()
		if w.store.rate != rate {
			t.Errorf("the rate of the store is %v, want %v", w.store.rate, rate)
		}
	}
	w.headBrought(1000, time.Second)
	want(1000)
	w.headBrought(1000, 100*time.Second)
	want(800)
	w.rangeCame(1999, time.Second) // too little to say anything
	want(800)
	w.rangeCame(8000, 20*time.Second)
	want(400)
	w.rangeCame(8000, 10*time.Second)
	want(500)
	w.headBrought(1000, 10*time.Second)
	want(400)
	w.rangeCame(8000, 80*time.Second)
	want(100)
}

// TestExtraRanges: each stretch in which the client waits adds a range, and a whole
// range without takes one away.
func TestExtraRanges(t *testing.T) {
	w := window{size: 8000}
	want := func(extra int) {
		t.Helper()
		if w.extra != extra {
			t.Errorf("%d extra ranges, want %d", w.extra, extra)
		}
	}
	w.clientTook(false)
	want(0)
	w.clientTook(true)
	w.clientTook(true)
	want(2)
	for range stretches - 1 {
		w.clientTook(false)
	}
	want(2)
	w.clientTook(false)
	want(1)
	w.clientTook(true)
	want(2)
	for range 20 {
		w.clientTook(true)
	}
	want(maxAhead)
	for range maxAhead * stretches {
		w.clientTook(false)
	}
	want(0)
}
