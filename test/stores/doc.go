// Package stores runs the suite of vfs/vfstest over more stores than the packages of the backends
// do: the whole suite over an account with a hierarchical namespace and over rclone's S3 client,
// and parts of the suite over further services and further forms of directory markers. make test
// runs it without the race detector (test/plain.txt): the packages of the same backends run the
// whole suite with the race detector, over other stores.
package stores
