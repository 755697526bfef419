package sftp_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// How files are opened and written, and what is stored of it. "" as a stored
// content means that there is no such file.
func TestOpenModes(t *testing.T) {
	const create, old = wire.OpenWrite | wire.OpenCreate, "old content"
	tests := []struct {
		name string
		old  string
		run  func(t *talk)
		want string
	}{
		{"replace", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.write(codeOK, h, 0, "new")
			t.close(codeOK, h)
		}, "new"},
		{"nothing is seen before the CLOSE", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.write(codeOK, h, 0, "new")
			t.server.WantStored("/f", []byte(old))
			t.close(codeOK, h)
		}, "new"},
		{"scp onto a longer file", old, func(t *talk) {
			h := t.open("/f", create)
			t.write(codeOK, h, 0, "new")
			t.setSize(codeOK, h, 3)
			t.close(codeOK, h)
		}, "new"},
		{"scp of an empty file", old, func(t *talk) {
			h := t.open("/f", create)
			t.setSize(codeOK, h, 0)
			t.close(codeOK, h)
		}, "(empty)"},
		{"without TRUNC onto a longer file", old, func(t *talk) {
			h := t.open("/f", create)
			t.write(codeOK, h, 0, "new")
			t.close(codeUnsupported, h)
		}, old},
		{"without TRUNC onto a shorter file", old, func(t *talk) {
			h := t.open("/f", create)
			t.write(codeOK, h, 0, "new content that is longer")
			t.close(codeOK, h)
		}, "new content that is longer"},
		{"without TRUNC and without a WRITE", old, func(t *talk) { t.close(codeOK, t.open("/f", create)) }, old},
		{"new without a WRITE", "", func(t *talk) { t.close(codeOK, t.open("/f", create)) }, "(empty)"},
		{"reput", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenAppend)
			t.write(codeOK, h, 11, " and")
			t.write(codeOK, h, 15, " more")
			t.close(codeOK, h)
		}, old + " and more"},
		{"append with offsets from 0", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenAppend)
			t.write(codeOK, h, 0, " and")
			t.write(codeOK, h, 4, " more")
			t.close(codeOK, h)
		}, old + " and more"},
		{"append nothing", old, func(t *talk) { t.close(codeOK, t.open("/f", create|wire.OpenAppend)) }, old},
		{"append to nothing", "", func(t *talk) {
			h := t.open("/f", create|wire.OpenAppend)
			t.write(codeOK, h, 0, "new")
			t.close(codeOK, h)
		}, "new"},
		{"append in the middle", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenAppend)
			t.write(codeFailure, h, 5, "x")
			t.close(codeFailure, h)
		}, old},
		{"on from the end", old, func(t *talk) {
			h := t.open("/f", wire.OpenWrite)
			t.write(codeOK, h, 11, "!")
			t.close(codeOK, h)
		}, old + "!"},
		{"on from the end, with CREAT", old, func(t *talk) {
			h := t.open("/f", create)
			t.write(codeOK, h, 11, "!")
			t.close(codeOK, h)
		}, old + "!"},
		{"the middle of a file, with CREAT", old, func(t *talk) {
			h := t.open("/f", create)
			t.write(codeFailure, h, 4, "CONTENT")
			t.close(codeFailure, h)
		}, old},
		{"out of order, with CREAT", "", func(t *talk) {
			h := t.open("/f", create)
			t.write(codeOK, h, 3, "def")
			t.write(codeOK, h, 0, "abc")
			t.close(codeOK, h)
		}, "abcdef"},
		{"size of all that is there", old, func(t *talk) {
			h := t.open("/f", create)
			t.setSize(codeOK, h, 11)
			t.close(codeOK, h)
		}, old},
		{"size of less than is there", old, func(t *talk) {
			h := t.open("/f", create)
			t.setSize(codeOK, h, 5) // the WRITEs could be on their way
			t.close(codeFailure, h)
		}, old},
		{"size of too much, with CREAT", old, func(t *talk) {
			h := t.open("/f", create)
			t.setSize(codeOK, h, 4<<20) // the WRITEs could come
			t.close(codeFailure, h)
		}, old},
		{"asked about before the first WRITE", "", func(t *talk) {
			h := t.open("/f", create)
			if p := t.ask(wire.TypeStat, sftpclient.String("/f")); p.Kind != wire.TypeAttrs {
				t.Error("STAT does not find what was begun")
			}
			t.wantFstat(h, 0, 0)
			t.write(codeOK, h, 0, "new")
			t.close(codeOK, h)
		}, "new"},
		{"the middle of a file", old, func(t *talk) {
			h := t.open("/f", wire.OpenWrite)
			t.write(codeFailure, h, 4, "CONTENT")
			t.close(codeFailure, h)
		}, old},
		{"far behind the end", old, func(t *talk) {
			h := t.open("/f", wire.OpenWrite)
			t.write(codeFailure, h, 1<<30, "x")
			t.close(codeFailure, h)
		}, old},
		{"exclusive, new", "", func(t *talk) {
			h := t.open("/f", create|wire.OpenExclusive)
			t.write(codeOK, h, 0, "new")
			t.close(codeOK, h)
		}, "new"},
		{"exclusive, there", old, func(t *talk) {
			t.want(codeFailure, wire.TypeOpen, openBody("/f", create|wire.OpenExclusive|wire.OpenTruncate))
		}, old},
		{"not there without CREAT", "", func(t *talk) {
			t.want(codeNoFile, wire.TypeOpen, openBody("/f", wire.OpenWrite))
			t.want(codeNoFile, wire.TypeOpen, openBody("/f", wire.OpenWrite|wire.OpenTruncate))
			t.want(codeNoFile, wire.TypeOpen, openBody("/f", wire.OpenRead))
		}, ""},
		{"TRUNC without CREAT", old, func(t *talk) {
			h := t.open("/f", wire.OpenWrite|wire.OpenTruncate)
			t.write(codeOK, h, 0, "new")
			t.close(codeOK, h)
		}, "new"},
		{"opened for nothing", old, func(t *talk) { t.want(codeFailure, wire.TypeOpen, openBody("/f", wire.OpenCreate)) }, old},
		{"read and write", old, func(t *talk) {
			h := t.open("/f", wire.OpenRead|wire.OpenWrite)
			t.read(h, 4, 100, "content")
			t.write(codeOK, h, 11, "!")
			t.want(codeUnsupported, wire.TypeRead, h, sftpclient.Uint64(0), sftpclient.Uint32(3))
			t.close(codeOK, h)
		}, old + "!"},
		{"read and write, only read", old, func(t *talk) {
			h := t.open("/f", wire.OpenRead|wire.OpenWrite|wire.OpenCreate)
			t.read(h, 0, 3, "old")
			t.close(codeOK, h)
		}, old},
		{"READ of what is being written", "", func(t *talk) {
			h := t.open("/f", create)
			t.write(codeOK, h, 0, "new")
			t.want(codeDenied, wire.TypeRead, h, sftpclient.Uint64(3), sftpclient.Uint32(100))
			t.close(codeOK, h)
		}, "new"},
		{"WRITE of what is being read", old, func(t *talk) {
			h := t.open("/f", wire.OpenRead)
			t.write(codeDenied, h, 0, "new")
			t.read(h, 0, 3, "old")
			t.close(codeOK, h)
		}, old},
		{"emptied by its path", old, func(t *talk) {
			const setstat, attrSize = 9, 1
			t.want(codeUnsupported, setstat, sftpclient.String("/f"), sftpclient.Uint32(attrSize), sftpclient.Uint64(3))
			t.want(codeOK, setstat, sftpclient.String("/f"), sftpclient.Uint32(attrSize), sftpclient.Uint64(11))
			t.server.WantStored("/f", []byte(old))
			t.want(codeOK, setstat, sftpclient.String("/f"), sftpclient.Uint32(attrSize), sftpclient.Uint64(0))
		}, "(empty)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := startTalk(t)
			if test.old != "" {
				c.server.StoreFile("/f", []byte(test.old), time.Time{})
			}
			test.run(c)
			switch test.want {
			case "":
				c.server.WantStored("/f", nil)
			case "(empty)":
				c.server.WantStored("/f", []byte{})
			default:
				c.server.WantStored("/f", []byte(test.want))
			}
		})
	}
}

// Pieces come in any order within the window, and nothing is ever lost of it in
// silence.
func TestOrder(t *testing.T) {
	const create = wire.OpenWrite | wire.OpenCreate | wire.OpenTruncate
	block := strings.Repeat("0123456789abcdef", 2<<10) // 32 KiB
	tests := []struct {
		name string
		run  func(t *talk, h []byte)
		want string // "" when it is not stored
	}{
		{"backwards", func(t *talk, h []byte) {
			for i := 63; i >= 0; i-- {
				t.write(codeOK, h, uint64(i)*32<<10, block)
			}
			t.close(codeOK, h)
		}, strings.Repeat(block, 64)},
		{"hole", func(t *talk, h []byte) {
			t.write(codeOK, h, 0, "ab")
			t.write(codeOK, h, 3, "d")
			t.close(codeFailure, h)
		}, ""},
		{"beyond the window", func(t *talk, h []byte) {
			t.write(codeUnsupported, h, 2<<20, "x")
			t.write(codeUnsupported, h, 0, "the upload has failed")
			t.close(codeUnsupported, h)
		}, ""},
		{"offset that is no offset", func(t *talk, h []byte) {
			t.write(codeFailure, h, 1<<63, "x")
			t.close(codeFailure, h)
		}, ""},
		{"written again", func(t *talk, h []byte) {
			t.write(codeOK, h, 0, "abc")
			t.write(codeUnsupported, h, 1, "b")
			t.close(codeUnsupported, h)
		}, ""},
		{"overlap before its turn", func(t *talk, h []byte) {
			t.write(codeOK, h, 5, "fgh")
			t.write(codeUnsupported, h, 6, "g")
			t.close(codeUnsupported, h)
		}, ""},
		{"overlap of what waits", func(t *talk, h []byte) {
			t.write(codeOK, h, 2, "cd")
			t.write(codeUnsupported, h, 0, "abc")
			t.close(codeUnsupported, h)
		}, ""},
		{"many small pieces", func(t *talk, h []byte) {
			for i := range 1024 {
				t.write(codeOK, h, uint64(2*i+1), "x")
			}
			t.write(codeUnsupported, h, 4000, "x")
			t.close(codeUnsupported, h)
		}, ""},
		{"nothing", func(t *talk, h []byte) {
			t.write(codeOK, h, 0, "")
			t.write(codeOK, h, 0, "a")
			t.close(codeOK, h)
		}, "a"},
		{"size of less", func(t *talk, h []byte) {
			t.write(codeOK, h, 0, "abc")
			t.setSize(codeUnsupported, h, 2)
			t.close(codeUnsupported, h)
		}, ""},
		{"size of more", func(t *talk, h []byte) {
			t.write(codeOK, h, 0, "abc")
			t.setSize(codeOK, h, 4) // the WRITE could be on its way
			t.close(codeFailure, h)
		}, ""},
		{"size of much more", func(t *talk, h []byte) {
			t.setSize(codeOK, h, 1<<40) // the WRITEs could come
			t.close(codeFailure, h)
		}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := startTalk(t)
			test.run(c, c.open("/f", create))
			if test.want == "" {
				c.server.WantStored("/f", nil)
				return
			}
			c.server.WantStored("/f", []byte(test.want))
		})
	}
}

// The CLOSE of one handle may come after the OPEN of the next, as sshfs sends
// them.
func TestOpenBeforeClose(t *testing.T) {
	const create = wire.OpenWrite | wire.OpenCreate
	t.Run("append", func(t *testing.T) {
		c := startTalk(t)
		first := c.open("/f", create|wire.OpenTruncate)
		c.write(codeOK, first, 0, "one ")
		second := c.open("/f", wire.OpenWrite|wire.OpenAppend)
		if p := c.ask(wire.TypeStat, sftpclient.String("/f")); p.Kind != wire.TypeAttrs {
			t.Error("STAT does not find what is being written")
		}
		c.write(codeOK, second, 4, "two")
		c.close(codeOK, first)
		c.close(codeOK, second)
		c.server.WantStored("/f", []byte("one two"))
	})
	t.Run("read", func(t *testing.T) {
		c := startTalk(t)
		first := c.open("/f", create|wire.OpenTruncate)
		c.write(codeOK, first, 0, "content")
		second := c.open("/f", wire.OpenRead)
		if p := c.ask(wire.TypeFstat, second); p.Kind != wire.TypeAttrs {
			t.Error("FSTAT does not find what is being written")
		}
		c.close(codeOK, first)
		c.read(second, 0, 100, "content")
		c.close(codeOK, second)
	})
	t.Run("read too early", func(t *testing.T) {
		c := startTalk(t)
		first := c.open("/f", create|wire.OpenTruncate)
		second := c.open("/f", wire.OpenRead)
		c.want(codeNoFile, wire.TypeRead, second, sftpclient.Uint64(0), sftpclient.Uint32(100))
		c.close(codeOK, second)
		c.close(codeOK, first)
	})
	t.Run("abandoned", func(t *testing.T) {
		c := startTalk(t)
		first := c.open("/f", create|wire.OpenTruncate)
		c.write(codeOK, first, 5, "hole")
		second := c.open("/f", wire.OpenWrite|wire.OpenAppend)
		c.write(codeOK, second, 9, "more")
		c.close(codeFailure, first)
		code, _ := c.ask(wire.TypeClose, second).Status()
		if code == codeOK {
			t.Error("a file was stored that continues one that was not")
		}
		c.server.WantStored("/f", nil)
	})
}

// Many WRITEs on their way at once keep their order, however large they are.
func TestOrderOfMany(t *testing.T) {
	c := startTalk(t)
	const size, count = 128 << 10, 256
	all := random(size * count)
	h := c.open("/f", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
	answered := make(chan error, 1)
	go func() {
		for range count {
			p, err := c.Receive()
			if err != nil {
				answered <- err
				return
			}
			if code, text := p.Status(); code != codeOK {
				answered <- fmt.Errorf("WRITE: %d %s", code, text)
				return
			}
		}
		answered <- nil
	}()
	for i := range count {
		if _, err := c.Request(wire.TypeWrite, join(h, sftpclient.Uint64(uint64(i*size)), sftpclient.String(string(all[i*size:(i+1)*size])))); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	c.close(codeOK, h)
	c.server.WantStored("/f", all)
}

// What a session hears of a file that it is writing.
func TestAttributesOfAnUpload(t *testing.T) {
	c := startTalk(t)
	const mtime, attrTimes = 1_500_000_000, 8
	h := c.open("/f", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
	c.write(codeOK, h, 0, "abc")
	c.want(codeOK, wire.TypeFsetstat, h, sftpclient.Uint32(attrTimes), sftpclient.Uint32(1), sftpclient.Uint32(mtime))
	sizeOf := func(p sftpclient.Packet) uint64 {
		t.Helper()
		if p.Kind != wire.TypeAttrs {
			code, text := p.Status()
			t.Fatalf("no attributes: %d %s", code, text)
		}
		return binary.BigEndian.Uint64(p.Body[4:])
	}
	if got := sizeOf(c.ask(wire.TypeFstat, h)); got != 3 {
		t.Errorf("FSTAT: %d bytes, want 3", got)
	}
	if got := sizeOf(c.ask(wire.TypeStat, sftpclient.String("/f"))); got != 3 {
		t.Errorf("STAT: %d bytes, want 3", got)
	}
	// Another session sees nothing of it.
	other := talkTo(t, c.server)
	other.want(codeNoFile, wire.TypeStat, sftpclient.String("/f"))
	c.close(codeOK, h)
	p := other.ask(wire.TypeStat, sftpclient.String("/f"))
	if got := sizeOf(p); got != 3 {
		t.Errorf("STAT after CLOSE: %d bytes, want 3", got)
	}
	// flags, size, permissions, atime, mtime
	if got := binary.BigEndian.Uint32(p.Body[20:]); got != mtime {
		t.Errorf("STAT after CLOSE: mtime %d, want %d", got, mtime)
	}
}
