// Package sftp is the SFTP frontend: version 3 of the protocol
// (draft-ietf-secsh-filexfer-02) with some of OpenSSH's extensions, over a
// vfs.View.
//
// golang.org/x/crypto/ssh keeps the connection (conn.go, login.go), once the
// client was heard on what ciphers it has (prefer.go). What goes over a channel
// with the subsystem sftp is ours: github.com/pkg/sftp has a server too, but its
// handlers do not see what is needed here (the handle of an FSTAT, the order of
// WRITEs, the end of the client while one of them waits), it copies each packet
// once more, and it recovers from no panic. Its client is what the tests speak
// with.
//
// It is no shell: exec, shell, forwarding and agents are refused.
//
// # Packets
//
// Package wire has their format. A session is one channel. One goroutine cuts what
// comes into packets (serve.go). It works off WRITEs itself, so that their bytes go from the channel
// to the vfs.Writer with one copy. A client that is faster than the store is held
// up by TCP, as its connection is not read meanwhile (socket.go). Every other request is parsed and
// goes to a lane (lane.go): each handle has one, and what is about paths has one
// together. A lane answers in the order in which requests came; lanes do not wait
// for each other, so that a READ that waits for the store, or a CLOSE that
// commits, holds up nothing else. The protocol allows that: replies carry the id
// of their request (draft 02, 3). What is about a path waits for the commits there
// (commits.go). Answers leave one after the other (outbox.go).
//
// Memory is bounded: a packet's length, the requests that wait (backlog), the
// WRITEs that came before their turn (pieces.go), what SSH has read and nobody has
// taken (socket.go), the handles. Buffers are had while there is work
// (buffers.go).
//
// # Files
//
// An upload writes one byte after the other (upload.go; what OPEN asks of it is
// in upload_open.go), or becomes a copy (copy.go); a download (download.go)
// serves READs from one vfs.Reader that streams. A directory (listing.go) is read
// page by page.
//
// Looking ends with the channel, as nobody wants the answer any more; changing
// that has begun ends by force at the end of the grace period alone. What was
// received before a client left, and not begun, is dropped, but for WRITEs, CLOSE,
// and what stands before a CLOSE on its handle.
//
// # Receipts
//
// A CLOSE that is answered OK is a receipt: the file is committed; and so is an
// fsync, for what came before it, after which the upload goes on. Everything
// else abandons the upload and leaves the old content: a request that failed, a
// hole, a lost connection, a shutdown.
//
// # Panics
//
// A panic in whatever answers a request ends its session alone.
package sftp
