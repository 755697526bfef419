// Package sftp is the SFTP frontend: version 3 of the protocol
// (draft-ietf-secsh-filexfer-02) with some of OpenSSH's extensions, over a
// vfs.View.
//
// The SSH connection is that of golang.org/x/crypto/ssh (lifecycle.go, login.go), once
// the client has named its ciphers (prefer.go). The packets of the subsystem sftp
// are read and answered here: docs/decisions/sftp-server.md has the reasons for a
// server of our own, and TestTheLibraryAlone shows each of them with the one of
// github.com/pkg/sftp.
//
// It is no shell: exec, shell, forwarding and agents are refused.
//
// # Packets
//
// Package wire has their format. A session is one channel (channel.go). One goroutine
// reads the packets of a session (serve.go). It processes WRITEs itself, so that their bytes
// go from the channel to the vfs.Writer with one copy. A client that is faster than
// the store is held up by TCP, as its connection is not read meanwhile (socket.go).
//
// Every other request is answered by another goroutine. The requests on one handle
// form a queue and are answered in the order in which they came (queue.go). Those
// about names are answered side by side, as far as their order allows
// (name_queue.go). What the queues of a session share is in work.go.
// Replies may leave in any order, as they carry the id of their request (draft 02,
// 3); they leave one after the other (outbox.go).
//
// # Order
//
// Results are those that the requests would have one after the other, as the client
// has sent them (order.go):
//
//   - Requests that only look run side by side: STAT, LSTAT, REALPATH, OPENDIR,
//     READLINK, and OPEN for reading alone; maxLooking of them for a connection.
//   - A request that changes names waits for every request about names before it,
//     and every one after it waits for the change: MKDIR, RMDIR, REMOVE, RENAME,
//     SETSTAT, OPEN for writing.
//   - A request on a handle that changes the file there waits for what touches its
//     path before it, and what touches its path after it waits for that request:
//     CLOSE and fsync of an upload, copy-data, FSETSTAT. Two paths touch each other
//     when one is the other, or lies below it.
//   - Other requests on a handle have the order of their handle alone: READ, WRITE,
//     READDIR, FSTAT.
//
// Memory is bounded: a packet's length, the requests that wait, what answers requests about
// names, the buffers for answers (quota.go), the out-of-order writes (package reorder), what
// SSH has read and no session has taken (socket.go), the handles. A session has buffers while
// it has work (buffers.go).
//
// # Files
//
// An upload writes one byte after the other, or becomes a copy. upload.go has its
// state; what changes it has a file for each kind of request: upload_open.go,
// upload_write.go, upload_attributes.go, upload_copy.go, upload_close.go. Its mode
// says how it writes (upload_mode.go):
//
//	undecided ──┬─ OPEN with TRUNC, or of no file; size 0 ──▶ replacing
//	            ├─ OPEN of a file with APPEND ──────────────▶ positioned
//	            ├─ WRITE at 0 ──────────────────────────────▶ rewriting
//	            └─ WRITE at the end of the file ────────────▶ appending
//	positioned ─┬─ WRITE ───────────────────────────────────▶ appending
//	            └─ size 0 ──────────────────────────────────▶ replacing
//	replacing ──┬─ copy-data of a whole file ───────────────▶ copying
//	            └─ fsync, CLOSE ────────────────────────────▶ stored
//	rewriting, appending, copying ── fsync, CLOSE ──────────▶ stored
//	stored ──── WRITE ──────────────────────────────────────▶ appending
//	any ─────── a request that cannot be done, lost channel ▶ failed
//
// A download (download.go) serves READs from one vfs.Reader that streams. A
// directory (listing.go) is read page by page.
//
// A request that only looks is cancelled when its channel ends, because nobody reads the
// answer. A change that has begun is cancelled only by force: at the end of the grace period,
// when an operator ends the session, or when the user is revoked with on_change = "end".
// When the client leaves, requests that have not begun are dropped, except CLOSE and all
// requests on the handle of an upload but fsync.
//
// # Durable acknowledgements
//
// A CLOSE that is answered OK is a durable acknowledgement: the file is committed.
// So is an fsync, for what came before it, after which the upload continues.
// Everything else abandons the upload and leaves the old content: a request that
// failed, a hole, a lost connection, a shutdown.
//
// # Locks
//
// They are taken in this order, and most of them alone:
//
//	upload.mu                 for one WRITE or one request on the upload; it is held
//	                          while the store is waited for
//	outbox.mu                 for one answer; it is held while the client is waited for
//	conn.mu, handles.mu       tables
//	queue.mu, nameQueue.mu    what waits to be answered
//	order.mu, quota.mu        which request may begin, and how many may wait
//	readAhead.mu              for one read of the connection; it is held while the client is
//	                          waited for
//	activity.mu, socket.mu, corked.mu, buffers.mu, budget.mu    the innermost here
//
// Below all of them are the locks of frontends/streams, internal/fairshare and internal/memory,
// which call nothing.
//
// While outbox.mu is held, outbox.stream reads the rest of a long answer from the store,
// because no other answer may come between its parts. For that it may wait until another reader
// gives way. No other function of a caller is called under a lock.
//
// # Panics
//
// A panic in whatever answers a request ends its session alone.
package sftp
