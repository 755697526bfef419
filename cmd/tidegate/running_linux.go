package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// anotherRuns reports whether another process of this program runs. It knows processes of other
// users only by their names, because it cannot read more about them.
func anotherRuns() bool {
	self := processOf("self")
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return false
	}
	for _, dir := range processes {
		pid := filepath.Base(dir)
		if pid == strconv.Itoa(os.Getpid()) {
			continue
		}
		other := processOf(pid)
		if other.program == self.program && self.program != "" || other.program == "" && other.name == self.name && self.name != "" {
			return true
		}
	}
	return false
}

// otherProcess is what is known of a process: "" where it cannot be read.
type otherProcess struct{ program, name string }

func processOf(pid string) otherProcess {
	program, _ := os.Readlink("/proc/" + pid + "/exe")
	name, _ := os.ReadFile("/proc/" + pid + "/comm")
	// The program of a process may have been replaced by an update.
	return otherProcess{strings.TrimSuffix(program, " (deleted)"), strings.TrimSpace(string(name))}
}
