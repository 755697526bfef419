// Package sftpclient is the client's side of SFTP in packets, for tests of what no
// library of a client sends: packets as they are, in any order, and answers one by
// one. The format is that of frontends/sftp/wire.
//
//	c, err := sftpclient.Open(conn) // conn is an *ssh.Client
//	p, err := c.Ask(wire.TypeOpen, slices.Concat(
//		sftpclient.String("/file"), sftpclient.Uint32(wire.OpenRead), sftpclient.Uint32(0)))
package sftpclient
