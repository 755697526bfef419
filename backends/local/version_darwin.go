package local

import (
	"os"
	"syscall"
)

const hasVersions = true

// version combines values that change with the content: the inode number, because a new
// version is a new file; the change time, which no program can set, because inode numbers
// are reused; and the size and the modification time, for file systems without reliable
// inode numbers and change times.
func version(fi os.FileInfo) string {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return formatVersion(st.Ino, int64(st.Ctimespec.Sec), int64(st.Ctimespec.Nsec), fi)
}
