//go:build !windows

package main

// defaultAt is the address of the process when no other is given.
const defaultAt = "unix:/run/tidegate/status.sock"
