package sftp_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// WinSCP uploads under another name, which it gives the time and the mode of its
// file, and renames when all has come. Version 3 has no RENAME that replaces, and
// so it removes what is there first.
func TestFilepart(t *testing.T) {
	const (
		attrMode, attrTimes = 4, 8
		mtime               = 1_500_000_000
	)
	target, part := sftpclient.String("/f"), sftpclient.String("/f.filepart")
	content := string(random(300_000))
	begin := func(t *testing.T) *talk {
		c := startTalk(t)
		c.server.StoreFile("/f", []byte("old"), time.Time{})
		return c
	}
	// send sends content from an offset on, 32 KiB at a time, with all of it on its
	// way, and takes the answers then.
	send := func(c *talk, h []byte, from, to int) {
		c.Helper()
		count := 0
		for ; from < to; from, count = min(from+32<<10, to), count+1 {
			data := sftpclient.String(content[from:min(from+32<<10, to)])
			if _, err := c.Request(wire.TypeWrite, join(h, sftpclient.Uint64(uint64(from)), data)); err != nil {
				c.Fatal(err)
			}
		}
		for range count {
			p, err := c.Receive()
			if err != nil {
				c.Fatal(err)
			}
			if code, text := p.Status(); code != codeOK {
				c.Errorf("WRITE: %d %s", code, text)
			}
		}
	}
	finish := func(c *talk, h []byte) {
		c.Helper()
		c.close(codeOK, h)
		c.server.WantStored("/f", []byte("old"))
		c.want(codeOK, wire.TypeSetstat, part, sftpclient.Uint32(attrMode|attrTimes), sftpclient.Uint32(0o644), sftpclient.Uint32(mtime), sftpclient.Uint32(mtime))
		c.want(codeOK, wire.TypeRemove, target)
		c.want(codeOK, wire.TypeRename, part, target)
		c.server.WantStored("/f", []byte(content))
		c.server.WantStored("/f.filepart", nil)
		// flags, size, permissions, atime, mtime
		if p := c.ask(wire.TypeStat, target); p.Kind != wire.TypeAttrs || binary.BigEndian.Uint32(p.Body[20:]) != mtime {
			c.Errorf("STAT after RENAME: type %d, %v", p.Kind, p.Body)
		}
	}

	t.Run("whole", func(t *testing.T) {
		c := begin(t)
		c.want(codeNoFile, wire.TypeLstat, part)
		h := c.open("/f.filepart", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
		send(c, h, 0, len(content))
		finish(c, h)
	})
	t.Run("cancelled and resumed", func(t *testing.T) {
		c := begin(t)
		h := c.open("/f.filepart", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
		send(c, h, 0, 100_000)
		c.close(codeOK, h)
		c.server.WantStored("/f.filepart", []byte(content[:100_000]))
		h = c.open("/f.filepart", wire.OpenWrite)
		send(c, h, 100_000, len(content))
		finish(c, h)
	})
	t.Run("lost", func(t *testing.T) {
		c := begin(t)
		h := c.open("/f.filepart", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
		send(c, h, 0, 100_000)
		if err := c.ssh.Close(); err != nil {
			t.Fatal(err)
		}
		if n := c.server.AwaitUploads(1); n != 0 {
			t.Errorf("%d files were stored", n)
		}
		c.server.WantStored("/f.filepart", nil)
		c.server.WantStored("/f", []byte("old"))
	})
}
