package sftp_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// After a client has set a size, the file is as it would be on a local disk. Otherwise the old
// file stays, and the client gets an error.
func TestSizes(t *testing.T) {
	const (
		create, old = wire.OpenWrite | wire.OpenCreate, "old content"
		mib         = 1 << 20
	)
	block := strings.Repeat("0123456789abcdef", 2<<10) // 32 KiB
	long := strings.Repeat(block, 256)                 // 8 MiB
	writeAll := func(t *talk, h []byte, content string) {
		for at := 0; at < len(content); at += len(block) {
			t.write(codeOK, h, uint64(at), content[at:min(at+len(block), len(content))])
		}
	}
	tests := []struct {
		name  string
		flags uint32
		old   string
		run   func(t *talk, h []byte)
		want  string
	}{
		{"far ahead, new", create | wire.OpenTruncate, "", func(t *talk, h []byte) {
			t.setSize(codeOK, h, 8*mib)
			t.wantFstat(h, 8*mib, 0)
			writeAll(t, h, long)
			t.close(codeOK, h)
		}, long},
		{"far ahead, without TRUNC", create, "", func(t *talk, h []byte) {
			t.setSize(codeOK, h, 8*mib)
			writeAll(t, h, long)
			t.close(codeOK, h)
		}, long},
		{"far ahead, over an old file", wire.OpenWrite, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 8*mib)
			writeAll(t, h, long)
			t.close(codeOK, h)
		}, long},
		{"far ahead, by the path", create | wire.OpenTruncate, old, func(t *talk, h []byte) {
			t.setSizeOf(codeOK, "/f", 8*mib)
			writeAll(t, h, long)
			t.close(codeOK, h)
		}, long},
		{"far ahead, by the path, open for reading too", create | wire.OpenTruncate, old, func(t *talk, h []byte) {
			other := t.open("/f", wire.OpenRead)
			t.setSizeOf(codeOK, "/f", 3)
			t.write(codeOK, h, 0, "new")
			t.close(codeOK, h)
			t.close(codeOK, other)
		}, "new"},
		{"ahead, and cut to what came", create | wire.OpenTruncate, "", func(t *talk, h []byte) {
			t.setSize(codeOK, h, 8*mib)
			t.write(codeOK, h, 0, "new")
			t.setSize(codeOK, h, 3)
			t.close(codeOK, h)
		}, "new"},
		{"ahead, and more came", create | wire.OpenTruncate, "", func(t *talk, h []byte) {
			t.setSize(codeOK, h, 2)
			t.write(codeOK, h, 0, "new")
			t.close(codeOK, h)
		}, "new"},
		{"ahead, and less came", create, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 8*mib)
			t.write(codeOK, h, 0, "new")
			t.close(codeFailure, h)
		}, old},
		{"ahead, and nothing came", create | wire.OpenTruncate, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 8*mib)
			t.close(codeFailure, h)
		}, old},
		{"the largest", create | wire.OpenTruncate, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 1<<63-1)
			t.write(codeOK, h, 0, "new")
			t.setSize(codeOK, h, 3)
			t.setSize(codeFailure, h, 1<<63)
			t.setSize(codeFailure, h, 1<<64-1)
			t.close(codeOK, h)
		}, "new"},
		{"twice, the last one counts", create | wire.OpenTruncate, "", func(t *talk, h []byte) {
			t.setSize(codeOK, h, 5)
			t.setSize(codeOK, h, 0)
			t.setSize(codeOK, h, 3)
			t.write(codeOK, h, 0, "new")
			t.close(codeOK, h)
		}, "new"},
		{"less than came before its turn", create | wire.OpenTruncate, old, func(t *talk, h []byte) {
			t.write(codeOK, h, 3, "def")
			t.setSize(codeUnsupported, h, 4)
			t.write(codeUnsupported, h, 0, "abc")
			t.close(codeUnsupported, h)
		}, old},
		{"what came before its turn", create | wire.OpenTruncate, old, func(t *talk, h []byte) {
			t.write(codeOK, h, 3, "def")
			t.setSize(codeOK, h, 6)
			t.write(codeOK, h, 0, "abc")
			t.close(codeOK, h)
		}, "abcdef"},
		{"cut, and written from the old end on", wire.OpenWrite, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 5)
			t.write(codeUnsupported, h, 11, "!")
			t.close(codeUnsupported, h)
		}, old},
		{"cut, and written from the new end on", wire.OpenWrite, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 5)
			t.write(codeFailure, h, 5, "!")
			t.close(codeFailure, h)
		}, old},
		{"cut and extended again", create, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 5)
			t.setSize(codeOK, h, 11)
			t.close(codeFailure, h)
		}, old},
		{"cut, and written from the beginning", create, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 5)
			t.write(codeOK, h, 0, "newer")
			t.close(codeOK, h)
		}, "newer"},
		{"emptied and extended", create, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 0)
			t.setSize(codeOK, h, 3)
			t.write(codeOK, h, 0, "new")
			t.close(codeOK, h)
		}, "new"},
		{"extended at the end", wire.OpenWrite, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 12)
			t.write(codeOK, h, 11, "!")
			t.close(codeOK, h)
		}, old + "!"},
		{"extended, and the rest at the end", wire.OpenWrite, old, func(t *talk, h []byte) {
			t.write(codeOK, h, 11, "!")
			t.setSize(codeOK, h, 13)
			t.write(codeOK, h, 12, "!")
			t.close(codeOK, h)
		}, old + "!!"},
		{"extended while it is appended to", create | wire.OpenAppend, old, func(t *talk, h []byte) {
			t.setSize(codeUnsupported, h, 20)
			t.close(codeUnsupported, h)
		}, old},
		{"as it is while it is appended to", create | wire.OpenAppend, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 11)
			t.write(codeOK, h, 11, "!")
			t.setSize(codeOK, h, 12)
			t.close(codeOK, h)
		}, old + "!"},
		{"emptied while it is appended to", create | wire.OpenAppend, old, func(t *talk, h []byte) {
			t.setSize(codeOK, h, 0)
			t.write(codeOK, h, 0, "new")
			t.close(codeOK, h)
		}, "new"},
		{"of what is read", wire.OpenRead, old, func(t *talk, h []byte) {
			t.setSize(codeDenied, h, 0)
			t.close(codeOK, h)
		}, old},
		{"by the path, of a stored file", wire.OpenRead, old, func(t *talk, h []byte) {
			t.setSizeOf(codeUnsupported, "/f", 12)
			t.setSizeOf(codeUnsupported, "/f", 10)
			t.setSizeOf(codeOK, "/f", 11)
			t.setSizeOf(codeFailure, "/", 0)
			t.setSizeOf(codeNoFile, "/g", 0)
			t.close(codeOK, h)
		}, old},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := startTalk(t)
			if test.old != "" {
				c.server.StoreFile("/f", []byte(test.old), time.Time{})
			}
			test.run(c, c.open("/f", test.flags))
			c.server.WantStored("/f", []byte(test.want))
		})
	}
}

// setSizeOf is SETSTAT with a size.
func (t *talk) setSizeOf(code uint32, name string, size uint64) {
	t.Helper()
	const setstat, attrSize = 9, 1
	t.want(code, setstat, sftpclient.String(name), sftpclient.Uint32(attrSize), sftpclient.Uint64(size))
}

// What is read of a file that is open for both.
func TestReadOfWhatIsWritten(t *testing.T) {
	const both, old = wire.OpenRead | wire.OpenWrite, "old content"
	read := func(t *talk, code uint32, h []byte, off uint64) {
		t.Helper()
		t.want(code, wire.TypeRead, h, sftpclient.Uint64(off), sftpclient.Uint32(100))
	}
	for name, flags := range map[string]uint32{
		"new": wire.OpenCreate, "new, TRUNC": wire.OpenCreate | wire.OpenTruncate, "new, EXCL": wire.OpenCreate | wire.OpenExclusive, "new, APPEND": wire.OpenCreate | wire.OpenAppend,
		"empty": 0, "empty, CREAT": wire.OpenCreate, "empty, TRUNC": wire.OpenTruncate, "empty, APPEND": wire.OpenAppend, "old, TRUNC": wire.OpenTruncate,
		"old, CREAT and TRUNC": wire.OpenCreate | wire.OpenTruncate,
	} {
		t.Run(name, func(t *testing.T) {
			c := startTalk(t)
			switch name[:3] {
			case "old":
				c.server.StoreFile("/f", []byte(old), time.Time{})
			case "emp":
				c.server.StoreFile("/f", nil, time.Time{})
			}
			h := c.open("/f", both|flags)
			for _, off := range []uint64{0, 1, 1 << 40} {
				read(c, codeEOF, h, off)
			}
			c.write(codeOK, h, 0, "new")
			read(c, codeUnsupported, h, 0)
			read(c, codeUnsupported, h, 2)
			read(c, codeEOF, h, 3)
			read(c, codeEOF, h, 1<<40)
			c.close(codeOK, h)
			c.server.WantStored("/f", []byte("new"))
		})
	}
	t.Run("old", func(t *testing.T) {
		c := startTalk(t)
		c.server.StoreFile("/f", []byte(old), time.Time{})
		h := c.open("/f", both|wire.OpenCreate)
		read(c, codeEOF, h, 11)
		c.read(h, 4, 100, "content")
		c.write(codeOK, h, 11, "!")
		read(c, codeUnsupported, h, 0)
		read(c, codeEOF, h, 12)
		c.close(codeOK, h)
	})
	t.Run("emptied by its size", func(t *testing.T) {
		c := startTalk(t)
		c.server.StoreFile("/f", []byte(old), time.Time{})
		h := c.open("/f", both)
		c.setSize(codeOK, h, 0)
		read(c, codeEOF, h, 0)
		c.close(codeOK, h)
		c.server.WantStored("/f", []byte{})
	})
	t.Run("extended by its size", func(t *testing.T) {
		c := startTalk(t)
		h := c.open("/f", both|wire.OpenCreate)
		c.setSize(codeOK, h, 10)
		read(c, codeUnsupported, h, 9)
		read(c, codeEOF, h, 10)
		c.write(codeOK, h, 0, "0123456789")
		c.close(codeOK, h)
	})
	t.Run("copied from", func(t *testing.T) {
		c := startTalk(t)
		c.server.StoreFile("/f", []byte(old), time.Time{})
		from, to := c.open("/f", both), c.open("/g", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
		c.want(codeUnsupported, wire.TypeExtended, sftpclient.String("copy-data"), from, sftpclient.Uint64(0), sftpclient.Uint64(0), to, sftpclient.Uint64(0))
		c.close(codeOK, from)
		c.close(codeOK, to)
	})
}

// A time is reported as soon as it is set.
func TestTimesAtOnce(t *testing.T) {
	const create, attrTimes, setstat, old, mtime = wire.OpenWrite | wire.OpenCreate, 8, 9, 1_400_000_000, 1_500_000_000
	times := join(sftpclient.Uint32(attrTimes), sftpclient.Uint32(1), sftpclient.Uint32(mtime))
	want := func(t *talk, what string, p sftpclient.Packet) {
		t.Helper()
		if p.Kind != wire.TypeAttrs || binary.BigEndian.Uint32(p.Body)&attrTimes == 0 || binary.BigEndian.Uint32(p.Body[len(p.Body)-4:]) != mtime {
			t.Errorf("%s: type %d, %x; want the time that was set", what, p.Kind, p.Body)
		}
	}
	for name, flags := range map[string]uint32{
		"new": create | wire.OpenTruncate, "over": create | wire.OpenTruncate, "over, without TRUNC": create, "over, WRITE": wire.OpenWrite,
		"over, APPEND": create | wire.OpenAppend, "over, both": wire.OpenRead | wire.OpenWrite, "over, READ": wire.OpenRead,
	} {
		for by, set := range map[string]func(t *talk, h []byte){
			"handle": func(t *talk, h []byte) { t.want(codeOK, wire.TypeFsetstat, h, times) },
			"path":   func(t *talk, _ []byte) { t.want(codeOK, setstat, sftpclient.String("/f"), times) },
		} {
			t.Run(name+", by its "+by, func(t *testing.T) {
				c := startTalk(t)
				if name != "new" {
					c.server.StoreFile("/f", []byte("old content"), time.Unix(old, 0))
				}
				h := c.open("/f", flags)
				set(c, h)
				if by == "handle" || flags != wire.OpenRead { // what was opened stays what it was
					want(c, "FSTAT", c.ask(wire.TypeFstat, h))
				}
				want(c, "STAT", c.ask(wire.TypeStat, sftpclient.String("/f")))
				c.close(codeOK, h)
				want(c, "STAT after CLOSE", c.ask(wire.TypeStat, sftpclient.String("/f")))
			})
		}
	}
}

// Whatever is reported has a time, also a file that is just coming, and the directory
// itself in its listing: clients show 1970 where there is none.
func TestTimesAlways(t *testing.T) {
	const attrTimes = 8
	recent := func(t *testing.T, what string, attrs []byte) {
		t.Helper()
		if binary.BigEndian.Uint32(attrs)&attrTimes == 0 || time.Since(time.Unix(int64(binary.BigEndian.Uint32(attrs[20:])), 0)) > time.Hour {
			t.Errorf("%s: %x; want a time of now", what, attrs)
		}
	}
	c := startTalk(t)
	h := c.open("/f", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
	recent(t, "FSTAT of a new file", c.ask(wire.TypeFstat, h).Body)
	c.write(codeOK, h, 0, "data")
	recent(t, "FSTAT of what was written", c.ask(wire.TypeFstat, h).Body)
	recent(t, "STAT of what was written", c.ask(wire.TypeStat, sftpclient.String("/f")).Body)
	c.setSize(codeOK, h, 10)
	recent(t, "STAT of a size set ahead", c.ask(wire.TypeStat, sftpclient.String("/f")).Body)
	c.setSize(codeOK, h, 4)
	c.close(codeOK, h)

	p := c.ask(wire.TypeReaddir, c.opendir("/"))
	for at, n := 4, 0; n < 3; n++ {
		name := p.String(at)
		at += 4 + len(name)
		at += 4 + len(p.String(at))
		recent(t, "READDIR of "+name, p.Body[at:])
		at += 4 + 8 + 4 + 8
	}
}
