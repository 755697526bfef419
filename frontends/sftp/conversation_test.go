package sftp_test

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// VERSION names what works, and nothing else.
func TestVersion(t *testing.T) {
	server := frontendtest.Serve(t, sftptest.Target(config(t)))
	c, err := sftpclient.OpenChannel(dial(t, server))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(1, sftpclient.Uint32(3)); err != nil {
		t.Fatal(err)
	}
	p, err := c.Receive()
	if err != nil {
		t.Fatal(err)
	}
	want := sftpclient.Uint32(3)
	for _, s := range []string{
		"posix-rename@openssh.com", "1", "statvfs@openssh.com", "2", "fsync@openssh.com", "1",
		"lsetstat@openssh.com", "1", "limits@openssh.com", "1", "copy-data", "1",
	} {
		want = append(want, sftpclient.String(s)...)
	}
	if string(p.Body) != string(want) {
		t.Errorf("VERSION %q, want %q", p.Body, want)
	}
}

func TestExtended(t *testing.T) {
	c := startTalk(t)
	c.server.StoreFile("/a", []byte("a"), time.Time{})
	c.server.StoreFile("/b", []byte("b"), time.Time{})
	name := sftpclient.String
	t.Run("limits", func(t *testing.T) {
		p := c.ask(wire.TypeExtended, name("limits@openssh.com"))
		for i, want := range []uint64{256 << 10, 255 << 10, 32 << 10, 128} {
			if got := binary.BigEndian.Uint64(p.Body[8*i:]); got != want {
				t.Errorf("limit %d is %d, want %d", i, got, want)
			}
		}
	})
	t.Run("statvfs", func(*testing.T) {
		if p := c.ask(wire.TypeExtended, name("statvfs@openssh.com"), name("/")); p.Kind != 201 {
			t.Errorf("answered by a packet of type %d", p.Kind)
		}
	})
	t.Run("lsetstat", func(*testing.T) {
		const attrMode, attrTimes = 4, 8
		c.want(codeOK, wire.TypeExtended, name("lsetstat@openssh.com"), name("/a"), sftpclient.Uint32(attrMode), sftpclient.Uint32(0o600))
		c.want(codeOK, wire.TypeExtended, name("lsetstat@openssh.com"), name("/"), sftpclient.Uint32(attrTimes), sftpclient.Uint32(1), sftpclient.Uint32(1))
		c.want(codeNoFile, wire.TypeExtended, name("lsetstat@openssh.com"), name("/none"), sftpclient.Uint32(attrMode), sftpclient.Uint32(0o600))
	})
	t.Run("renames", func(*testing.T) {
		c.want(codeFailure, wire.TypeRename, name("/a"), name("/b"))
		c.server.WantStored("/b", []byte("b"))
		c.want(codeOK, wire.TypeExtended, name("posix-rename@openssh.com"), name("/a"), name("/b"))
		c.server.WantStored("/b", []byte("a"))
		c.server.WantStored("/a", nil)
	})
	t.Run("refused", func(*testing.T) {
		c.want(codeUnsupported, wire.TypeExtended, name("hardlink@openssh.com"), name("/b"), name("/c"))
		c.want(codeUnsupported, wire.TypeExtended, name("check-file-name"), name("/b"))
		c.want(codeUnsupported, wire.TypeSymlink, name("/b"), name("/c"))
		c.want(codeUnsupported, 19, name("/b"))
		c.want(codeUnsupported, 77, name("/b"))
	})
}

// A path that is none is refused as it was sent, before anything cleans it.
func TestPaths(t *testing.T) {
	c := startTalk(t)
	c.server.StoreFile("/file", []byte("x"), time.Time{})
	for _, bad := range []string{"/dir\x00/../file", "/\xff/../file", "/a\n/../file", strings.Repeat("x/../", 1000) + "file"} {
		body := sftpclient.String(bad)
		c.want(codeFailure, wire.TypeStat, body)
		c.want(codeFailure, wire.TypeRealpath, body)
		c.want(codeFailure, wire.TypeRemove, body)
		c.want(codeFailure, wire.TypeOpen, openBody(bad, wire.OpenRead))
		c.want(codeFailure, wire.TypeOpendir, body)
		c.want(codeFailure, wire.TypeRename, body, sftpclient.String("/x"))
		c.want(codeFailure, wire.TypeRename, sftpclient.String("/file"), body)
		c.want(codeFailure, wire.TypeExtended, sftpclient.String("posix-rename@openssh.com"), sftpclient.String("/file"), body)
	}
	for in, want := range map[string]string{"": "/", ".": "/", "a/..//b/": "/b", "/../..": "/"} {
		p := c.ask(wire.TypeRealpath, sftpclient.String(in))
		if got := p.String(4); got != want {
			t.Errorf("REALPATH %q = %q, want %q", in, got, want)
		}
	}
	c.server.WantStored("/file", []byte("x"))
}

// A path that can only name a directory opens no file, with whatever flags, and
// nothing is renamed to it but a directory.
func TestOnlyDirectory(t *testing.T) {
	c := startTalk(t)
	c.server.StoreFile("/box/file", []byte("x"), time.Time{})
	c.server.StoreFile("/file", []byte("x"), time.Time{})
	const setstat = 9
	size := sftpclient.Uint32(1)
	for _, path := range []string{"/box/", "/file/", "/file/.", "/none/", "/none/..", "."} {
		for flags := uint32(0); flags < 1<<6; flags++ {
			if code, text := c.ask(wire.TypeOpen, openBody(path, flags)).Status(); code != codeFailure {
				t.Errorf("OPEN %q with %#x: %d %s", path, flags, code, text)
			}
		}
		c.want(codeFailure, wire.TypeRename, sftpclient.String("/file"), sftpclient.String(path))
		c.want(codeFailure, wire.TypeExtended, sftpclient.String("posix-rename@openssh.com"), sftpclient.String("/file"), sftpclient.String(path))
		c.want(codeFailure, wire.TypeRemove, sftpclient.String(path))
	}
	c.want(codeFailure, setstat, sftpclient.String("/file/"), size, sftpclient.Uint64(0))
	c.want(codeNoFile, wire.TypeStat, sftpclient.String("/file/"))
	c.want(codeOK, wire.TypeRename, sftpclient.String("/box"), sftpclient.String("/moved/"))
	c.server.WantStored("/moved/file", []byte("x"))
	c.server.WantStored("/file", []byte("x"))
}

// What is no packet ends its channel, with whatever it had open, and nothing
// else.
func TestMalformed(t *testing.T) {
	huge := sftpclient.Uint32(0xffffffff)
	tests := []struct {
		name string
		send []byte // with its length
	}{
		{"length 0", sftpclient.Uint32(0)},
		{"length beyond all bounds", join(huge, []byte{byte(wire.TypeStat)})},
		{"length beyond the limit", join(sftpclient.Uint32(256<<10+1), []byte{byte(wire.TypeWrite)})},
		{"large request", join(sftpclient.Uint32(100<<10), []byte{byte(wire.TypeStat)})},
		{"cut off", join(sftpclient.Uint32(100), []byte{byte(wire.TypeStat), 0, 0})},
		{"no id", join(sftpclient.Uint32(3), []byte{byte(wire.TypeStat), 0, 0})},
		{"no path", join(sftpclient.Uint32(5), []byte{byte(wire.TypeStat)}, sftpclient.Uint32(1))},
		{"path beyond the packet", join(sftpclient.Uint32(9), []byte{byte(wire.TypeStat)}, sftpclient.Uint32(1), huge)},
		{"OPEN without flags", join(sftpclient.Uint32(10), []byte{byte(wire.TypeOpen)}, sftpclient.Uint32(1), sftpclient.String("a"))},
		{"WRITE beyond the packet", join(sftpclient.Uint32(22), []byte{byte(wire.TypeWrite)}, sftpclient.Uint32(1), sftpclient.String("1"), sftpclient.Uint64(0), huge)},
	}
	server := frontendtest.Serve(t, sftptest.Target(config(t)))
	good := talkTo(t, server)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := talkTo(t, server)
			c.open("/f", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
			if _, err := c.Write(test.send); err != nil {
				t.Fatal(err)
			}
			_ = c.CloseWrite() // the server may have closed already
			if _, err := io.Copy(io.Discard, c); err != nil {
				t.Fatal(err)
			}
			good.want(codeNoFile, wire.TypeStat, sftpclient.String("/f"))
		})
	}
}

// Attributes that do not fit the packet are a bad request, not a bad packet.
func TestAbsurdCounts(t *testing.T) {
	c := startTalk(t)
	const attrExtended = 1 << 31
	h := c.open("/f", wire.OpenWrite|wire.OpenCreate)
	p := c.ask(wire.TypeFsetstat, h, sftpclient.Uint32(attrExtended), sftpclient.Uint32(0x7fffffff))
	if code, text := p.Status(); code != codeFailure {
		t.Errorf("FSETSTAT with 2 billion attributes: %d %s", code, text)
	}
	c.close(codeOK, h)
}

// What is not the subsystem is refused in words.
func TestOnlySFTP(t *testing.T) {
	server := frontendtest.Serve(t, sftptest.Target(config(t)))
	c := dial(t, server)
	const word = "This service allows sftp connections only.\n"
	for _, test := range []struct {
		name        string
		run         func(s *ssh.Session) error
		out, errors string
	}{
		{"exec", func(s *ssh.Session) error { return s.Run("ls /") }, "", word},
		{"shell", func(s *ssh.Session) error { return firstOf(s.Shell(), s.Wait) }, "", word},
		// 2 is scp's code of a fatal error.
		{"scp", func(s *ssh.Session) error { return s.Run("scp -t /") }, "\x02" + word, ""},
	} {
		s, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		var out, said strings.Builder
		s.Stdout, s.Stderr = &out, &said
		err = test.run(s)
		exit, ok := errors.AsType[*ssh.ExitError](err)
		if !ok || exit.ExitStatus() != 1 || out.String() != test.out || said.String() != test.errors {
			t.Errorf("%s: %v, %q and %q; want exit status 1, %q and %q", test.name, err, out.String(), said.String(), test.out, test.errors)
		}
	}
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RequestSubsystem("netconf"); err == nil {
		t.Error("another subsystem is served")
	}
	if _, err := c.Dial("tcp", "127.0.0.1:22"); err == nil || !strings.Contains(err.Error(), "forwarding is not offered") {
		t.Errorf("forwarding: %v", err)
	}
	if _, err := c.Listen("tcp", "127.0.0.1:0"); err == nil {
		t.Error("remote forwarding is served")
	}
	if ok, _, err := c.SendRequest("keepalive@openssh.com", true, nil); err != nil || ok {
		t.Errorf("keep-alive: %v, %v; want an answer that says no", ok, err)
	}
}

func firstOf(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

// Channels and handles are many, but not any number.
func TestLimits(t *testing.T) {
	c := startTalk(t)
	c.server.StoreFile("/f", []byte("x"), time.Time{})
	var handles [][]byte
	for range 128 {
		handles = append(handles, c.open("/f", wire.OpenRead))
	}
	c.want(codeFailure, wire.TypeOpen, openBody("/f", wire.OpenRead))
	c.want(codeFailure, wire.TypeOpendir, sftpclient.String("/"))
	for _, h := range handles {
		c.read(h, 0, 10, "x")
		c.close(codeOK, h)
	}
	c.close(codeOK, c.open("/f", wire.OpenRead))
	for i := range 9 {
		other, err := sftpclient.Open(c.ssh)
		if err != nil {
			t.Fatalf("channel %d: %v", i+2, err)
		}
		if _, err := other.Ask(wire.TypeStat, sftpclient.String("/f")); err != nil {
			t.Errorf("channel %d: %v", i+2, err)
		}
	}
	if _, err := sftpclient.Open(c.ssh); err == nil {
		t.Error("an eleventh channel is served")
	}
}

// A client that does not read what it asked for is cut like one that says
// nothing.
func TestClientThatDoesNotRead(t *testing.T) {
	cfg := config(t)
	start := cfg.Start
	cfg.Start = func(t *testing.T, o frontendtest.ServerOptions) (s frontendServer) {
		o.IdleTimeout = patience.Scale(time.Second)
		return start(t, o)
	}
	c := talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
	c.server.StoreFile("/f", make([]byte, 8<<20), time.Time{})
	h := c.open("/f", wire.OpenRead)
	ended := make(chan struct{})
	go func() {
		_ = c.ssh.Wait()
		close(ended)
	}()
	for i := range uint64(256) {
		if _, err := c.Request(wire.TypeRead, join(h, sftpclient.Uint64(i*32<<10), sftpclient.Uint32(32<<10))); err != nil {
			break
		}
	}
	select {
	case <-ended:
	case <-time.After(patience.Limit()):
		t.Error("the connection is still there")
	}
}

// Directories end with EOF, and again.
func TestReaddir(t *testing.T) {
	c := startTalk(t)
	c.server.StoreFile("/dir/file", []byte("abc"), time.Time{})
	h := sftpclient.String(c.ask(wire.TypeOpendir, sftpclient.String("/dir")).String(0))
	p := c.ask(wire.TypeReaddir, h)
	if n := binary.BigEndian.Uint32(p.Body); p.Kind != wire.TypeName || n != 3 || p.String(4) != "." {
		t.Errorf("READDIR: type %d, %q", p.Kind, p.Body)
	}
	if all := entriesOf(t, p); len(all) != 1 || all[0].name != "file" {
		t.Errorf("READDIR: %+v", all)
	}
	c.want(codeEOF, wire.TypeReaddir, h)
	c.want(codeEOF, wire.TypeReaddir, h)
	c.close(codeOK, h)
	c.want(codeFailure, wire.TypeReaddir, h)
	c.want(codeNoFile, wire.TypeOpendir, sftpclient.String("/none"))
	c.want(codeFailure, wire.TypeOpendir, sftpclient.String("/dir/file"))
}
