package azblob

import (
	"math"
	"time"
)

const (
	// maxAhead bounds the ranges of one download that are asked for before the
	// client wants them. With the head twelve are in flight: 60 MiB/s each,
	// after 20 ms, are 600 MiB/s.
	maxAhead = 11
	// enough is the rate, in bytes per second, above which no further range is
	// worth its memory.
	enough = 640 << 20
	// lead is how long before the head's end the next range is asked for when
	// one range at a time is fast enough: more than a request takes.
	lead = 250 * time.Millisecond
	// stretches is over how many parts of a range rates are measured, one after
	// the other.
	stretches = 8
)

// meter measures a rate over stretches of bytes.
type meter struct {
	bytes int64
	time  time.Duration
	took  time.Duration // the last whole stretch
	rate  float64       // bytes per second over that; 0: there was none
}

// add counts n bytes that took d and reports whether a stretch is whole.
func (m *meter) add(n int, d time.Duration, stretch int64) bool {
	m.bytes += int64(n)
	m.time += d
	if m.bytes < stretch {
		return false
	}
	m.rate = float64(m.bytes) / max(m.time, time.Microsecond).Seconds()
	m.took = m.time
	m.bytes, m.time = 0, 0
	return true
}

// current returns the rate, or that of the present stretch when it takes long
// and is slower.
func (m *meter) current() float64 {
	if m.time > 50*time.Millisecond {
		return min(m.rate, float64(m.bytes)/m.time.Seconds())
	}
	return m.rate
}

// window decides how many ranges of a download shall be on their way behind the
// head. That is the product of bandwidth and delay: the client's rate by the time
// that one range takes, from its request to its last byte. Rates say little on a
// busy machine and of a store that is not even, so that there are more while the client
// waits all the same.
type window struct {
	size int64 // of a range
	most int   // how many ranges the memory of downloads holds as a whole

	store    meter // of one range
	measured bool  // store.rate has the delay in it
	extra    int   // ranges above the product, since the client waited
	calm     int   // stretches since then in which it did not
	credit   int64 // bytes that the client took since Open, or since memory was taken away
}

// headBrought notes that the head brought n bytes in the time d, without the time until
// its first byte. The best rate counts, and fades: a range that shares the way with
// others, or with a client that holds it up, says little of what the service can do.
func (w *window) headBrought(n int, d time.Duration) {
	before := w.store.rate
	if w.store.add(n, d, w.size/stretches) {
		w.store.rate = max(w.store.rate, 0.8*before)
		w.measured = false
	}
}

// rangeCame notes that n bytes of a range that is read in advance have come in the
// time d since its request.
func (w *window) rangeCame(n int64, d time.Duration) {
	if n < w.size/4 {
		return
	}
	rate := float64(n) / max(d, time.Microsecond).Seconds()
	if w.measured {
		rate = (3*w.store.rate + rate) / 4
	}
	w.store.rate, w.measured = rate, true
}

// clientTook notes a stretch of the client, and whether it waited for bytes.
func (w *window) clientTook(waited bool) {
	switch {
	case waited:
		w.extra, w.calm = min(w.extra+1, maxAhead), 0
	case w.extra > 0:
		if w.calm++; w.calm == stretches {
			w.extra, w.calm = w.extra-1, 0
		}
	}
}

// taken notes that the client has n bytes more.
func (w *window) taken(n int64) { w.credit += n }

// memoryTaken notes that others needed the memory of a range.
func (w *window) memoryTaken() { w.credit = 0 }

// wanted returns how many ranges shall follow the head, of which rest bytes are left,
// for a client that takes so many bytes in a second, and whether they are to be
// read.
//
// Where one range comes as fast as the client takes it, the next is only asked for:
// its bytes wait at the service and nothing is copied.
// Otherwise the product counts, one range above it for those that come late, and one
// for each sixteenth of a range that the client takes, from the first quarter on: the
// network swallows a megabyte or two of any client at once.
func (w *window) wanted(rest int64, client float64) (n int, deep bool) {
	if w.credit < w.size/4 || client == 0 || w.store.rate == 0 {
		return 0, false
	}
	product := math.Ceil(min(client, enough) / w.store.rate)
	if product > 1 {
		earned := 1 + (w.credit-w.size/4)/(w.size/16)
		return int(min(product+1+float64(w.extra), float64(min(maxAhead, w.most)), float64(earned))), true
	}
	if rest <= w.size/2 && float64(rest) <= client*lead.Seconds() {
		return 1, false
	}
	return 0, false
}
