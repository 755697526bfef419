// Command tidegate serves FTP over stores of blobs.
//
// This package holds the program and nothing else: its sub-commands (run.go and
// a file for each), the wiring of configuration, backends and frontends
// (wire.go), and what may be linked in (registry.go). Only here are signals
// caught and processes ended.
//
// The exit status is 0 when all went well, 1 for a failure at run time, and 2
// for a wrong command line or a wrong configuration.
package main
