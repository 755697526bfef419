// Package stores proves the guarantees of a store in an account with a hierarchical namespace and
// over rclone's S3 client and, in part, over further services and further forms of markers. The
// packages of the same backends run the whole suite of vfs/vfstest over other stores, with the race
// detector; make test leaves it out here (test/plain.txt).
package stores
