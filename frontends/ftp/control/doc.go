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
// A connection is read all the time, also while a transfer runs, so that ABOR and the end
// of the connection are seen at once; only behind AUTH it is not, until TLS begins. Lines
// that must wait meanwhile are held in a Queue, up to a bound.
package control
