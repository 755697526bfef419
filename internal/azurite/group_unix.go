//go:build unix

package azurite

import "syscall"

// ownGroup starts a process in a group of its own, which gets no signals of the terminal.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
