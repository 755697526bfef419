// Command tidegate serves FTP and SFTP over stores of blobs.
//
// This package has the sub-commands (run.go and a file for each), their flags and their
// output, the log among it. What they run is internal/gateway. Only here are signals
// caught and processes ended.
//
// The exit status is 0 when all went well, 1 for a failure at run time, and 2
// for a wrong command line or a wrong configuration.
package main
