package azblob

import (
	"math/rand/v2"
	"testing"

	"github.com/minio/crc64nvme"
)

// The sum of pieces is the sum of the whole, whatever their sizes are.
func TestJoinedCRC(t *testing.T) {
	content := make([]byte, 300_000)
	r := rand.NewChaCha8([32]byte{7})
	_, _ = r.Read(content) // never fails
	sizes := rand.New(r)
	for range 100 {
		whole := content[:sizes.IntN(len(content)+1)]
		var j joiner
		for rest := whole; len(rest) > 0; {
			n := min(1+sizes.IntN(1<<sizes.IntN(18)), len(rest))
			for range 1 + sizes.IntN(3) { // several of one size, and empty ones
				n = min(n, len(rest))
				j.add(sum{crc64nvme.Checksum(rest[:n]), int64(n)})
				rest = rest[n:]
			}
		}
		if want := crc64nvme.Checksum(whole); j.crc != want {
			t.Fatalf("%d bytes: %016x, want %016x", len(whole), j.crc, want)
		}
	}
	// The check value of CRC-64/NVME.
	if got := crc64nvme.Checksum([]byte("123456789")); got != 0xae8b14860a799888 {
		t.Errorf("%016x", got)
	}
	if multiply(one, 12345) != 12345 || multiply(12345, one) != 12345 || power(0) != one {
		t.Error("one is not one")
	}
}

// A size beyond all memory: n bytes and m more are n + m.
func TestPower(t *testing.T) {
	const n, m = 1 << 45, 1<<40 + 12345
	if multiply(power(n), power(m)) != power(n+m) {
		t.Error("powers do not add up")
	}
}
