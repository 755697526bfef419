// Package leak finds goroutines that stay after a test. It looks at the whole
// process: a test that uses [Check] must not run beside others.
//
//	leak.Check(t, "net/http.(*persistConn)") // first, so that it looks last
//	server := start(t)                       // stopped by t.Cleanup
package leak
