// Package sftptest runs the conformance suite of the frontends over SFTP, with
// a password and with a public key, through the client of github.com/pkg/sftp.
package sftptest
