//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// endBy ends the process by the default effect of a signal.
func endBy(s os.Signal) {
	signal.Reset(s)
	number, ok := s.(syscall.Signal)
	if ok {
		_ = syscall.Kill(os.Getpid(), number) // a process may always signal itself
		<-time.After(signalTime)
	}
	// The first process of a container is not ended by a signal.
	os.Exit(128 + int(number))
}
