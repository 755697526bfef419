package data

import (
	"bufio"
	"io"

	"golang.org/x/text/transform"
)

// asciiBuffer is how much is converted at once.
const asciiBuffer = 64 << 10

// FromNetwork reads r and makes LF of each CR LF (RFC 959, 3.1.1.1).
func FromNetwork(r io.Reader) io.Reader {
	return transform.NewReader(bufio.NewReaderSize(r, asciiBuffer), toLF{})
}

// ToNetwork returns a writer to w that makes CR LF of each LF that has no CR
// before it: a file that has network ends of line already stays as it is. flush
// writes what is left.
func ToNetwork(w io.Writer) (converted io.Writer, flush func() error) {
	out := bufio.NewWriterSize(w, asciiBuffer)
	c := transform.NewWriter(out, &toCRLF{})
	return c, func() error {
		if err := c.Close(); err != nil {
			return err
		}
		return out.Flush()
	}
}

// toLF makes LF of CR LF. Any other CR stays.
type toLF struct{ transform.NopResetter }

func (toLF) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		b := src[nSrc]
		if b == '\r' {
			if nSrc+1 == len(src) && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			if nSrc+1 < len(src) && src[nSrc+1] == '\n' {
				nSrc++
				continue
			}
		}
		if nDst == len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		dst[nDst] = b
		nDst++
		nSrc++
	}
	return nDst, nSrc, nil
}

// toCRLF makes CR LF of LF. cr is true when the last byte was a CR.
type toCRLF struct{ cr bool }

func (t *toCRLF) Reset() { t.cr = false }

func (t *toCRLF) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	for ; nSrc < len(src); nSrc++ {
		b := src[nSrc]
		if b == '\n' && !t.cr {
			if len(dst)-nDst < 2 {
				return nDst, nSrc, transform.ErrShortDst
			}
			dst[nDst] = '\r'
			nDst++
		}
		if nDst == len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		dst[nDst] = b
		nDst++
		t.cr = b == '\r'
	}
	return nDst, nSrc, nil
}
