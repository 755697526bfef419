// Package sftpclient is an SFTP client that sends and receives single packets, for tests of
// requests that no client library sends: any packet, in any order, and each answer by itself.
// The format is that of frontends/sftp/wire.
//
//	c, err := sftpclient.Open(conn) // conn is an *ssh.Client
//	p, err := c.Ask(wire.TypeOpen, slices.Concat(
//		sftpclient.String("/file"), sftpclient.Uint32(wire.OpenRead), sftpclient.Uint32(0)))
package sftpclient
