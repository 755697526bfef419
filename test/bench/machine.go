package main

import (
	"os"
	"runtime"
	"strings"
)

// machine is where the numbers come from.
type machine struct {
	CPU    string
	Cores  int
	Memory string
	Kernel string
	Go     string
	Load   string // before the run
}

func thisMachine() (machine, error) {
	m := machine{CPU: runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version()}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return m, err
	}
	if name, ok := parseCPU(string(info)); ok {
		m.CPU = name
	}
	mem, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return m, err
	}
	total, err := parseKB(string(mem), "MemTotal:")
	if err != nil {
		return m, err
	}
	m.Memory = bytesText(total)
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return m, err
	}
	m.Load, _, _ = strings.Cut(string(load), " ")
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	m.Kernel = strings.TrimSpace(string(kernel))
	return m, err
}

// parseCPU returns the model's name. Not every architecture has it.
func parseCPU(cpuinfo string) (string, bool) {
	for line := range strings.Lines(cpuinfo) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}
