//go:build !linux && !darwin

package local

import "os"

const hasVersions = false

// version is "": package os does not return a file's number here.
func version(os.FileInfo) string { return "" }
