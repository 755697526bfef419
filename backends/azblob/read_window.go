package azblob

import (
	"math"
	"time"
)

const (
	// maxAhead is the most ranges that one download requests in advance. With the head,
	// twelve are in flight: at 60 MiB/s each, after 20 ms, they bring 600 MiB/s.
	maxAhead = 11
	// enough is the rate, in bytes per second, above which a further range is not worth
	// its memory.
	enough = 640 << 20
	// lead is how long before the end of the head the next range is requested when one
	// range at a time is fast enough. It is longer than a request takes.
	lead = 250 * time.Millisecond
	// stretches is how many parts of equal size a range has, over each of which rates are
	// measured.
	stretches = 8
)

// meter measures a rate over stretches of bytes.
type meter struct {
	bytes int64
	time  time.Duration
	took  time.Duration // of the last complete stretch
	rate  float64       // bytes per second over that; 0 before the first one
}

// add counts n bytes that took d and reports whether that completes a stretch.
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

// current returns the rate of the last stretch, or that of the current one when it takes
// long and is slower.
func (m *meter) current() float64 {
	if m.time > 50*time.Millisecond {
		return min(m.rate, float64(m.bytes)/m.time.Seconds())
	}
	return m.rate
}

// window decides how many ranges of a download are in flight behind the head. That is the
// product of bandwidth and delay: the client's rate multiplied by the time of one range,
// from its request to its last byte. On a busy machine, and with a store whose rate
// varies, measured rates are not enough: while the client waits for bytes, the window
// grows.
type window struct {
	size int64 // of a range
	most int   // how many whole ranges the memory of downloads holds

	store    meter // the rate of one range
	measured bool  // store.rate includes the delay
	extra    int   // ranges above the product, because the client waited
	calm     int   // stretches since then in which it did not wait
	credit   int64 // bytes that the client took since Open, or since memory was taken away
}

// headBrought records that n bytes of the head arrived in the time d, which does not
// include the time until its first byte. The best rate counts, and decays: a range that
// shares the network with others, or that a slow client holds up, does not show what the
// service can do.
func (w *window) headBrought(n int, d time.Duration) {
	before := w.store.rate
	if w.store.add(n, d, w.size/stretches) {
		w.store.rate = max(w.store.rate, 0.8*before)
		w.measured = false
	}
}

// rangeCame records that n bytes of a range that is read in advance arrived within the
// time d after its request.
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

// clientTook records a stretch of the client, and whether it waited for bytes.
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

// taken records that the client took n more bytes.
func (w *window) taken(n int64) { w.credit += n }

// memoryTaken records that the pool took back the memory of a range.
func (w *window) memoryTaken() { w.credit = 0 }

// wanted returns how many ranges shall follow the head, of which rest bytes are left, for
// a client that takes client bytes per second, and whether they are to be read.
//
// Where one range arrives as fast as the client takes it, the next one is requested and
// not read: its bytes wait at the service, and nothing is copied. Otherwise the number is
// the product and one more range, for ranges that arrive late. It grows by one with each
// sixteenth of a range that the client takes after the first quarter, because the buffers
// of the network take the first megabytes at once, however slow the client is.
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
