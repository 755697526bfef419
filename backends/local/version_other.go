//go:build !linux && !darwin

package local

import "os"

const hasVersions = false

// version is "": os does not tell the number of a file here.
func version(os.FileInfo) string { return "" }
