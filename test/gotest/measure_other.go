//go:build !linux

package main

import (
	"os"
	"time"
)

// wait waits for the child. The time is that of the child and of those processes that
// it has waited for.
func wait(child *os.Process) (status int, cpu time.Duration, err error) {
	state, err := child.Wait()
	if err != nil {
		return 0, 0, err
	}
	return state.ExitCode(), state.UserTime() + state.SystemTime(), nil
}
