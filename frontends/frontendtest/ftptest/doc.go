// Package ftptest adapts FTP to the conformance suite of the frontends, and tests
// what only FTP has: the order of its commands, the codes of its replies, the
// bytes of its lines.
//
// A server's own test calls Run with a function that starts it:
//
//	func TestConformance(t *testing.T) {
//		ftptest.Run(t, ftptest.Config{
//			Backend: func(t *testing.T) vfs.Backend { return memory.New() },
//			Start:   start,
//		})
//	}
//
// Talk is the line conversation alone, for further tests of a server.
package ftptest
