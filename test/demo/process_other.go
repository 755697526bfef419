//go:build !linux

package main

import "syscall"

// ended starts a process as usual: the demo ends it.
func ended() *syscall.SysProcAttr { return nil }

// dropTyped does nothing here.
func dropTyped(int) error { return nil }
