package main

import "syscall"

// ended starts a process in a group of its own, which the kernel kills when the demo ends.
func ended() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
