// Package confine proves that no request of a client reaches anything outside of the part
// of a store that the user has: over FTP and SFTP, with every command and request that has
// a path, and with texts that are made to lead out. It looks at the paths that reach the
// store, at the URLs that reach Azure, and at the bytes that reach the client.
package confine
