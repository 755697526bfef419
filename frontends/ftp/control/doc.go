// Package control is the control connection of FTP: command lines with what Telnet
// leaves in them, replies, TLS, and the client's character set. It knows the commands
// that act on the connection itself (AUTH, QUIT, and ABOR and STAT, which may lack their
// LF). It knows no other command, no file and no user.
//
//	c := control.New(ctx, tcp, log, nil)
//	go c.ReadLines(func() {})
//	for line := range c.Lines() {
//		c.Reply(502, line.Verb+" is not implemented")
//		line.Done()
//		c.Processed()
//	}
//	c.Close()
//
// The connection is read at all times, also during a transfer, so that ABOR and the end of the
// connection are seen at once. The only exception is the time from AUTH to the start of TLS.
// The caller holds lines that must wait in a Queue, whose size is limited.
package control
