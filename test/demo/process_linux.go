package main

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// dropTyped forgets what was typed on a terminal and not read yet.
func dropTyped(terminal int) error { return unix.IoctlSetInt(terminal, unix.TCFLSH, unix.TCIFLUSH) }

// ended starts a process in a group of its own, which the kernel kills when the demo ends.
func ended() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
