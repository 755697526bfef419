// Command tidegate serves FTP and SFTP over stores of blobs.
//
// This package has the sub-commands (run.go and a file for each), their flags and their
// output, including the log. cmd/internal/gateway runs the servers. Only this package handles
// signals and ends the process.
//
// The exit status is 0 for success, 1 for a failure at run time, and 2 for a wrong command
// line or a wrong configuration.
package main
