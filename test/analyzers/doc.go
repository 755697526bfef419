// Package analyzers tests the access logs of the program: clients of FTP and SFTP do what
// they do, and the programs that people use for the logs of FTP servers read the result.
package analyzers
