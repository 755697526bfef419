package listen

import "syscall"

// soOOBInline is Winsock's SO_OOBINLINE.
const soOOBInline = 0x100

func keepUrgent(fd uintptr) error {
	return syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, soOOBInline, 1)
}
