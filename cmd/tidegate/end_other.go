//go:build !unix

package main

import "os"

// endBy ends the process.
func endBy(os.Signal) { os.Exit(exitFailure) }
