package azstub

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/minio/crc64nvme"
)

// maxSummedRange is the longest range of which the service computes a checksum.
const maxSummedRange = 4 << 20

// rangeOf reads x-ms-range or Range. A range must begin inside the blob, so
// there is none in an empty one.
func rangeOf(h http.Header, size int64) (off, n int64, ranged bool, err error) {
	spec := h.Get("x-ms-range")
	if spec == "" {
		spec = h.Get("Range")
	}
	if spec == "" {
		return 0, size, false, nil
	}
	first, last, ok := strings.Cut(strings.TrimPrefix(spec, "bytes="), "-")
	if off, err = strconv.ParseInt(first, 10, 64); !ok || err != nil || off < 0 {
		return 0, 0, false, errInvalidHeaderValue
	}
	end := size - 1
	if last != "" {
		asked, err := strconv.ParseInt(last, 10, 64)
		if err != nil || asked < off {
			return 0, 0, false, errInvalidHeaderValue
		}
		end = min(end, asked)
	}
	if off >= size {
		return 0, 0, false, errInvalidRange.with("Content-Range", fmt.Sprintf("bytes */%d", size))
	}
	return off, end - off + 1, true, nil
}

// rangeSums adds the checksum of a range that the client asked for.
func (c *call) rangeSums(ans *answer, ranged bool) error {
	h := c.http.Header
	wantMD5 := h.Get("x-ms-range-get-content-md5") == "true"
	wantCRC := h.Get("x-ms-range-get-content-crc64") == "true"
	switch {
	case !wantMD5 && !wantCRC:
		return nil
	case wantMD5 && wantCRC, !ranged:
		return errInvalidHeaderValue
	case ans.body.size > maxSummedRange:
		return errOutOfRangeInput
	}
	data := ans.body.bytes(c.srv.pattern)
	if wantMD5 {
		sum := md5.Sum(data)
		ans.header.Set("Content-MD5", base64.StdEncoding.EncodeToString(sum[:]))
	} else {
		ans.header.Set("x-ms-content-crc64", base64.StdEncoding.EncodeToString(crcBytes(crc64nvme.Checksum(data))))
	}
	return nil
}
