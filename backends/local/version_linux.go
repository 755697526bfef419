package local

import (
	"os"
	"syscall"
)

const hasVersions = true

// version is made of what changes with the content: the number of the file,
// because a new version is a new file; the time at which the kernel saw it
// change, which nobody can set, because numbers are used again; and size and
// time for file systems that are poor in both.
func version(fi os.FileInfo) string {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return formatVersion(st.Ino, int64(st.Ctim.Sec), int64(st.Ctim.Nsec), fi)
}
