package ledger

import (
	"slices"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// finish sends CLOSE and waits for the answer.
func (u *sftpUpload) finish() result { return sftpResult(u.c.ask(wire.TypeClose, u.handle)) }

// spoiled sends a WRITE of one byte that cannot be part of a file, and CLOSE.
func (u *sftpUpload) spoiled(at uint64) result {
	if _, err := u.send(at, []byte{0}); err != nil {
		return none(err)
	}
	return u.finish()
}

// unfinished sends the first half of a WRITE.
func (u *sftpUpload) unfinished() {
	body := slices.Concat(sftpclient.Uint32(0), u.handle, sftpclient.Uint64(u.next), sftpclient.String(string(make([]byte, 4<<10))))
	packet := slices.Concat(sftpclient.Uint32(uint32(1+len(body))), []byte{byte(wire.TypeWrite)}, body)
	_, _ = u.c.talk.Write(packet[:len(packet)/2])
}

// sendClose sends CLOSE.
func (u *sftpUpload) sendClose() { _, _ = u.c.talk.Request(wire.TypeClose, u.handle) }

// sendRename sends RENAME behind the CLOSE of a file that has another name until
// then, as WinSCP's have.
func (u *sftpUpload) sendRename() (id uint32, err error) {
	return u.c.talk.Request(wire.TypeExtended, slices.Concat(
		sftpclient.String("posix-rename@openssh.com"), sftpclient.String(u.name), sftpclient.String(u.target)))
}

// left lets a client leave in some way.
func left(leave func()) result {
	leave()
	return none(nil)
}

// sftpEndings are those of SFTP, the orderly one first. A WRITE may still be
// unanswered at each.
func sftpEndings() []ending {
	hangUp := func(u *sftpUpload) { _ = u.c.talk.Close() }
	return []ending{
		{name: "CLOSE", sure: true, close: (*sftpUpload).finish},
		{name: "CLOSE, connection closed", control: lostAfter, leaves: true, close: func(u *sftpUpload) result {
			u.sendClose()
			return left(u.c.Close)
		}},
		{name: "CLOSE, connection reset", control: lostAfter, leaves: true, close: func(u *sftpUpload) result {
			u.sendClose()
			return left(u.c.reset)
		}},
		{name: "CLOSE, channel closed", control: lostAfter, leaves: true, close: func(u *sftpUpload) result {
			u.sendClose()
			return left(func() { hangUp(u) })
		}},
		{name: "CLOSE never, connection closed", data: broken, control: lostAfter, leaves: true, close: func(u *sftpUpload) result {
			return left(u.c.Close)
		}},
		{name: "CLOSE never, connection reset", data: broken, control: lostAfter, leaves: true, close: func(u *sftpUpload) result {
			return left(u.c.reset)
		}},
		{name: "CLOSE never, channel closed", data: broken, control: lostAfter, leaves: true, close: func(u *sftpUpload) result {
			return left(func() { hangUp(u) })
		}},
		{name: "half a WRITE, connection closed", data: broken, control: lostAfter, leaves: true, close: func(u *sftpUpload) result {
			u.unfinished()
			return left(u.c.Close)
		}},
		{name: "half a WRITE, connection reset", data: broken, control: lostAfter, leaves: true, close: func(u *sftpUpload) result {
			u.unfinished()
			return left(u.c.reset)
		}},
		{name: "half a WRITE, channel closed", data: broken, control: lostAfter, leaves: true, close: func(u *sftpUpload) result {
			u.unfinished()
			return left(func() { hangUp(u) })
		}},
		{name: "WRITE behind a hole, CLOSE", data: broken, close: func(u *sftpUpload) result { return u.spoiled(u.next + 1) }},
		{name: "WRITE far ahead, CLOSE", data: broken, close: func(u *sftpUpload) result { return u.spoiled(u.next + 1<<30) }},
		{name: "WRITE of what was written, CLOSE", data: broken, close: func(u *sftpUpload) result {
			// Where nothing was written, the first of these is in order.
			if _, err := u.send(u.begin, []byte{0}); err != nil {
				return none(err)
			}
			return u.spoiled(u.begin)
		}},
		{name: "CLOSE, short of FSETSTAT", short: true, close: (*sftpUpload).finish},
		{name: "CLOSE, RENAME", sure: true, renames: true, close: func(u *sftpUpload) result {
			u.sendClose()
			id, err := u.sendRename()
			if err != nil {
				return none(err)
			}
			return sftpResult(u.c.answer(id))
		}},
		{name: "CLOSE, RENAME, connection closed", control: lostAfter, leaves: true, renames: true, close: func(u *sftpUpload) result {
			u.sendClose()
			_, _ = u.sendRename()
			return left(u.c.Close)
		}},
	}
}
