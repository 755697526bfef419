package main

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// stragglers is how long processes that the binary has left behind may take to end:
// the emulator of Azure ends by itself when the binary has.
const stragglers = 10 * time.Second

// wait waits for the child and for the processes that it leaves behind, and adds up
// what all of them took.
func wait(child *os.Process) (status int, cpu time.Duration, err error) {
	// Without this, what the child leaves behind becomes a child of process 1.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return 0, 0, err
	}
	type ended struct {
		pid  int
		ws   unix.WaitStatus
		took time.Duration
	}
	all := make(chan ended)
	go func() {
		defer close(all)
		for {
			var e ended
			var usage unix.Rusage
			var err error
			e.pid, err = unix.Wait4(-1, &e.ws, 0, &usage)
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if err != nil {
				return // ECHILD: there is none left
			}
			e.took = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
			all <- e
		}
	}()
	var late <-chan time.Time
	for {
		select {
		case e, more := <-all:
			if !more {
				return status, cpu, nil
			}
			cpu += e.took
			if e.pid == child.Pid {
				if status = e.ws.ExitStatus(); !e.ws.Exited() {
					status = 128 + int(e.ws.Signal())
				}
				late = time.After(stragglers)
			}
		case <-late:
			return status, cpu, nil
		}
	}
}
