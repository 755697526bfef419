//go:build !linux

package heap

// advise does nothing: huge pages are known of Linux alone.
func advise([]byte) {}
