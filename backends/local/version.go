//go:build linux || darwin

package local

import (
	"os"
	"strconv"
	"strings"
)

func formatVersion(number uint64, sec, nsec int64, fi os.FileInfo) string {
	parts := []string{
		strconv.FormatUint(number, 36),
		strconv.FormatInt(sec, 36),
		strconv.FormatInt(nsec, 36),
		strconv.FormatInt(fi.Size(), 36),
		strconv.FormatInt(fi.ModTime().UnixNano(), 36),
	}
	return strings.Join(parts, ".")
}
