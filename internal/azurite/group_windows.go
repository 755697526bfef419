package azurite

import "syscall"

// ownGroup starts a process in a group of its own, which gets no Ctrl-C of the console.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
