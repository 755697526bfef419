package azblob

import (
	"fmt"
	"strconv"

	"github.com/minio/crc64nvme"
)

// sum is the CRC-64/NVME of some bytes, and their number.
type sum struct {
	crc  uint64
	size int64
}

func sumOf(content []byte) sum { return sum{crc64nvme.Checksum(content), int64(len(content))} }

// joiner joins the sums of consecutive pieces. Most have the same size, for which it
// computes the shift once. The zero value is ready.
type joiner struct {
	crc   uint64 // of all pieces
	last  int64  // the size of the last piece
	shift uint64 // the factor of a CRC that is followed by that many bytes
}

// add appends the next piece.
func (j *joiner) add(next sum) {
	if next.size != j.last || j.shift == 0 {
		j.last, j.shift = next.size, power(next.size)
	}
	j.crc = multiply(j.crc, j.shift) ^ next.crc
}

// restart returns the CRC of the pieces so far and resets the joiner.
func (j *joiner) restart() uint64 {
	crc := j.crc
	j.crc = 0
	return crc
}

// A CRC is a polynomial over GF(2) modulo this one, with the coefficient of the
// lowest power in the highest bit. That n bytes follow multiplies it by x to the
// 8n; the complements before and after the computation cancel out.
const polynomial = 0x9a6c9329ac4bc9b5

// one is the polynomial 1, and octet is x to the 8.
const (
	one   = 1 << 63
	octet = 1 << (63 - 8)
)

// multiply returns the product of two polynomials.
func multiply(a, b uint64) uint64 {
	var product uint64
	for ; a != 0; a <<= 1 {
		if a&one != 0 {
			product ^= b
		}
		carry := b & 1
		b >>= 1
		if carry != 0 {
			b ^= polynomial
		}
	}
	return product
}

// power returns x to the 8n.
func power(n int64) uint64 {
	result, square := uint64(one), uint64(octet)
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			result = multiply(result, square)
		}
		square = multiply(square, square)
	}
	return result
}

// setCRC stores the CRC of the whole content.
func (m metadata) setCRC(crc uint64) { m.set(metaCRC, fmt.Sprintf("%016x", crc)) }

// crc returns the CRC of the whole content, if the metadata has it.
func (m metadata) crc() (uint64, bool) {
	text := m.get(metaCRC)
	crc, err := strconv.ParseUint(text, 16, 64)
	return crc, err == nil && len(text) == 16
}
