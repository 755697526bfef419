package azstub

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"io"
	"net/http"

	"github.com/minio/crc64nvme"
)

const (
	// bufferSize is what one read or write moves at most.
	bufferSize = 256 << 10
	// pieceSize bounds a single allocation, so that a length that is announced
	// and never sent costs little.
	pieceSize = 4 << 20
)

// errCut ends a request whose connection must be closed without an answer.
var errCut = errors.New("azstub: connection cut")

// received is the body of a request, with the checksums that were verified or
// computed: nil where they were not.
type received struct {
	content content
	md5     []byte
	crc64   []byte
}

// receive reads the whole body, keeps it unless the server discards, and
// verifies the transactional checksums. wantMD5 asks for the MD5 even where the
// client sent none.
func (c *call) receive(limit int64, wantMD5 bool) (received, error) {
	n := c.http.ContentLength
	switch {
	case n < 0:
		return received{}, errMissingContentLength
	case n > limit:
		return received{}, errRequestBodyTooLarge
	case c.http.Header.Get("x-ms-structured-body") != "":
		return received{}, errUnsupportedHeader
	}
	return c.take(n, wantMD5, c.srv.opts.Discard)
}

// receiveXML reads a body that the service itself has to understand.
func (c *call) receiveXML(limit int64) (received, error) {
	switch n := c.http.ContentLength; {
	case n < 0:
		return received{}, errMissingContentLength
	case n > limit:
		return received{}, errRequestBodyTooLarge
	default:
		return c.take(n, false, false)
	}
}

func (c *call) take(n int64, wantMD5, discard bool) (received, error) {
	sums, err := c.checksums(c.http.Header, wantMD5)
	if err != nil {
		return received{}, err
	}
	var out received
	if discard {
		out.content, err = c.drain(n, sums)
	} else {
		out.content, err = c.keep(n, sums)
	}
	if err != nil {
		return received{}, err
	}
	return out, sums.verify(&out)
}

// keep reads n bytes into memory of their own.
func (c *call) keep(n int64, sums *checksums) (content, error) {
	var got content
	for got.size < n {
		p := make([]byte, min(n-got.size, pieceSize))
		if err := c.fill(p, sums); err != nil {
			return content{}, err
		}
		got.pieces = append(got.pieces, piece{data: p, size: int64(len(p))})
		got.size += int64(len(p))
	}
	return got, nil
}

// drain reads n bytes into a shared buffer and forgets them.
func (c *call) drain(n int64, sums *checksums) (content, error) {
	buf := c.srv.buffers.Get().(*[]byte)
	defer c.srv.buffers.Put(buf)
	for left := n; left > 0; {
		p := (*buf)[:min(left, bufferSize)]
		if err := c.fill(p, sums); err != nil {
			return content{}, err
		}
		left -= int64(len(p))
	}
	return sized(n), nil
}

// fill reads len(p) bytes at the pace of the request and minds the faults that
// strike in the middle of a body.
func (c *call) fill(p []byte, sums *checksums) error {
	for len(p) > 0 {
		step := p[:min(len(p), c.up.step)]
		if at := c.effect.fault.at.in(requestBody, c.http.ContentLength); at >= 0 && c.effect.fault.do != nothing {
			step = step[:min(int64(len(step)), at-c.in)]
			if len(step) == 0 {
				return c.strike()
			}
		}
		n, err := io.ReadFull(c.http.Body, step)
		c.in += int64(n)
		if err != nil {
			return errCut // the client has disconnected
		}
		sums.write(step)
		if err := c.up.wait(c.ctx, n); err != nil {
			return errCut
		}
		p = p[n:]
	}
	return nil
}

// checksums are the digests of a body that are under way.
type checksums struct {
	md5, crc         hash.Hash // nil: not wanted
	wantMD5, wantCRC []byte    // nil: the client sent none
}

// checksums decides from the headers of a body what has to be computed.
func (c *call) checksums(h http.Header, wantMD5 bool) (*checksums, error) {
	if c.srv.opts.SkipChecksums {
		return nil, nil
	}
	var s checksums
	var err error
	if v := h.Get("Content-MD5"); v != "" {
		if s.wantMD5, err = base64.StdEncoding.DecodeString(v); err != nil || len(s.wantMD5) != md5.Size {
			return nil, errInvalidMD5
		}
	}
	if v := h.Get("x-ms-content-crc64"); v != "" {
		// Azurite's tests, which also ran against the service: what is too long
		// is a sum that does not match.
		if s.wantCRC, err = base64.StdEncoding.DecodeString(v); err != nil || len(s.wantCRC) < crc64nvme.Size {
			return nil, errInvalidHeaderValue
		}
	}
	if s.wantMD5 != nil && s.wantCRC != nil {
		return nil, errBothSums
	}
	if s.wantMD5 != nil || wantMD5 {
		s.md5 = md5.New()
	}
	if s.wantMD5 == nil {
		s.crc = crc64nvme.New() // the service returns it where the client has not sent an MD5
	}
	return &s, nil
}

func (s *checksums) write(p []byte) {
	if s == nil {
		return
	}
	if s.md5 != nil {
		s.md5.Write(p)
	}
	if s.crc != nil {
		s.crc.Write(p)
	}
}

// verify compares what the client announced and notes what was computed.
func (s *checksums) verify(out *received) error {
	if s == nil {
		return nil
	}
	if s.md5 != nil {
		out.md5 = s.md5.Sum(nil)
		if s.wantMD5 != nil && !bytes.Equal(out.md5, s.wantMD5) {
			return errMd5Mismatch
		}
	}
	if s.crc != nil {
		out.crc64 = crcBytes(s.crc.(hash.Hash64).Sum64())
		if s.wantCRC != nil && !bytes.Equal(out.crc64, s.wantCRC) {
			return errCrc64Mismatch
		}
	}
	return nil
}

// crcBytes is a CRC-64/NVME in the order that the service uses.
func crcBytes(sum uint64) []byte { return binary.LittleEndian.AppendUint64(nil, sum) }
