package offheap_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/tidegate/tidegate/internal/memory/offheap"
)

// Buffers of an arena come with zeroes and keep their bytes, in whatever order others come
// and are given back.
func TestArena(t *testing.T) {
	const size = 128 << 10
	a := offheap.NewArena(size)
	type held struct {
		buf []byte
		of  byte
	}
	var all []held
	check := func(h held) {
		t.Helper()
		if want := bytes.Repeat([]byte{h.of}, size); !bytes.Equal(h.buf, want) {
			t.Fatal("a buffer has bytes of another one")
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	zeroes := make([]byte, size)
	for i := range 500 {
		if len(all) > 0 && r.IntN(5) < 2 { // grows up to some 120 buffers
			at := r.IntN(len(all))
			check(all[at])
			a.Free(all[at].buf)
			all[at] = all[len(all)-1]
			all = all[:len(all)-1]
			continue
		}
		h := held{a.Alloc(), byte(i%255 + 1)}
		if len(h.buf) != size || cap(h.buf) != size || !bytes.Equal(h.buf, zeroes) {
			t.Fatalf("a buffer has %d bytes of %d, or not zeroes", len(h.buf), cap(h.buf))
		}
		copy(h.buf, bytes.Repeat([]byte{h.of}, size))
		all = append(all, h)
	}
	for _, h := range all {
		check(h)
		a.Free(h.buf)
	}
}
