// Package wire is the packet format of SFTP version 3
// (draft-ietf-secsh-filexfer-02): the constants, what reads a packet, what makes
// one, and what cuts a byte stream into packets. It knows no file, no store and
// no SSH, so that tests use it for the client's side too.
//
// A packet is a length (4 bytes, which do not count themselves), a type (1 byte)
// and a body. The body of every packet but INIT and VERSION begins with the id of
// the request (draft 02, 3). A string is a length and bytes; numbers are
// big-endian.
//
// To make a packet, begin it, append its fields, and set its length last:
//
//	p := wire.BeginReply(wire.TypeHandle, id, 32).Text(name).Framed()
//
// To read a body, take one field after the other, and look once whether any of
// them was cut off:
//
//	f := wire.Fields{Rest: body}
//	id, path := f.Uint32(), f.Text()
//	if f.Bad {
//		return wire.ErrMalformed
//	}
//
// A server takes packets from a Reader, which keeps a buffer only while there is
// something in it or something is open; a program that has memory enough calls
// ReadPacket.
package wire
