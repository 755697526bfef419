// Package analyzers tests the access logs of the program: clients transfer files over FTP and SFTP,
// and programs that analyze the logs of FTP servers read the access logs.
package analyzers
