package hostmemory

import (
	"os"

	"github.com/shirou/gopsutil/v4/process"
)

// Process is the memory that this process takes now. What is unknown is 0.
type Process struct {
	// Resident is all of it, as ps and top show it.
	Resident int64
	// Program is the part of it that the system can read again from a file: the code of the
	// program.
	Program int64
}

// OfProcess asks the system.
func OfProcess() Process {
	p, err := process.NewProcess(int32(os.Getpid())) //nolint:gosec // systems have no larger ones
	if err != nil {
		return Process{}
	}
	m, err := p.MemoryInfo()
	if err != nil {
		return Process{}
	}
	return Process{int64(m.RSS), programOf(p)} //nolint:gosec // less than the machine has
}
