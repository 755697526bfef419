//go:build !linux

package main

// anotherRuns reports false: this system is not asked.
func anotherRuns() bool { return false }
