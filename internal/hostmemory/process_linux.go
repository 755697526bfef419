package hostmemory

import "github.com/shirou/gopsutil/v4/process"

func programOf(p *process.Process) int64 {
	m, err := p.MemoryInfoEx()
	if err != nil {
		return 0
	}
	return int64(m.Shared) //nolint:gosec // less than the machine has
}
