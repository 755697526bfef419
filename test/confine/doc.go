// Package confine proves that no request of a client reaches anything outside of the user's part of
// a store. It sends every command of FTP and every request of SFTP that has a path, with paths that
// try to escape from that part. It checks the paths that reach the store, the URLs that reach
// Azure, and the bytes that reach the client.
package confine
