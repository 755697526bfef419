package confine

import (
	"bytes"
	"slices"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// dialSSH connects a user.
func dialSSH(t testing.TB, s *site, user string) *ssh.Client {
	t.Helper()
	c, err := ssh.Dial("tcp", s.sftp, &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // a server of the test
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		_ = c.Wait()
	})
	return c
}

// packets is a conversation that keeps all answers.
type packets struct {
	*sftpclient.Conn
	t       testing.TB
	answers bytes.Buffer
}

// ask sends a request and returns the handle in the answer, if it has one.
func (c *packets) ask(kind wire.Type, fields ...[]byte) (handle []byte) {
	c.t.Helper()
	p, err := c.Ask(kind, slices.Concat(fields...))
	if err != nil {
		c.t.Fatalf("%v %q: %v", kind, fields, err)
	}
	c.answers.Write(p.Body)
	if p.Kind == wire.TypeHandle {
		return p.Body
	}
	return nil
}

// exchange sends every request with a path, with text as that path, and returns all
// answers.
func exchange(t testing.TB, connection *ssh.Client, text string) []byte {
	t.Helper()
	conn, err := sftpclient.Open(connection)
	if err != nil {
		t.Fatal(err)
	}
	c := &packets{Conn: conn, t: t}
	defer func() { _ = c.Close() }()
	str, u32, u64 := sftpclient.String, sftpclient.Uint32, sftpclient.Uint64
	path, none := str(text), u32(0)
	times := slices.Concat(u32(wire.AttrTimes), u32(1), u32(1))
	size := slices.Concat(u32(wire.AttrSize), u64(0))

	for _, kind := range []wire.Type{wire.TypeLstat, wire.TypeStat, wire.TypeRealpath, wire.TypeReadlink} {
		c.ask(kind, path)
	}
	for _, attributes := range [][]byte{times, size, slices.Concat(u32(wire.AttrMode), u32(0o777))} {
		c.ask(wire.TypeSetstat, path, attributes)
		c.ask(wire.TypeExtended, str(wire.Lsetstat), path, attributes)
	}
	const create = wire.OpenWrite | wire.OpenCreate
	for _, flags := range []uint32{
		wire.OpenRead, wire.OpenWrite, create, create | wire.OpenTruncate, create | wire.OpenAppend, create | wire.OpenExclusive, create | wire.OpenRead,
		wire.OpenRead | wire.OpenWrite | wire.OpenAppend,
	} {
		if h := c.ask(wire.TypeOpen, path, u32(flags), none); h != nil {
			c.ask(wire.TypeFstat, h)
			c.ask(wire.TypeRead, h, u64(0), u32(100))
			c.ask(wire.TypeWrite, h, u64(0), str("written"))
			c.ask(wire.TypeFsetstat, h, times)
			c.ask(wire.TypeStat, path)
			c.ask(wire.TypeClose, h)
		}
	}
	if h := c.ask(wire.TypeOpendir, path); h != nil {
		c.ask(wire.TypeReaddir, h)
		c.ask(wire.TypeReaddir, h)
		c.ask(wire.TypeClose, h)
	}
	for _, pair := range [][2]string{{"/own", "/own2"}, {text, "/moved"}, {"/moved", text}, {"/own2", text}, {text, text}, {"/dir", text}, {text, "/dir/kept/x"}, {text, "/x.exe"}} {
		from, to := str(pair[0]), str(pair[1])
		c.ask(wire.TypeRename, from, to)
		c.ask(wire.TypeSymlink, from, to)
		for _, extension := range []string{wire.PosixRename, "hardlink@openssh.com", "copy-file", "symlink@openssh.com"} {
			c.ask(wire.TypeExtended, str(extension), from, to, []byte{1})
		}
	}
	for _, extension := range []string{
		wire.StatVFS, "expand-path@openssh.com", "home-directory", "md5-hash", "check-file-name", "space-available", "vendor-id", "hash-file@tidegate",
	} {
		c.ask(wire.TypeExtended, str(extension), path, str("md5,sha256"), u64(0), u64(0), none)
	}
	for _, pair := range [][2]string{{text, "/copied"}, {"/outbox/file", text}} {
		from := c.ask(wire.TypeOpen, str(pair[0]), u32(wire.OpenRead), none)
		to := c.ask(wire.TypeOpen, str(pair[1]), u32(create|wire.OpenTruncate), none)
		if from != nil && to != nil {
			c.ask(wire.TypeExtended, str(wire.CopyData), from, u64(0), u64(0), to, u64(0))
		}
		for _, h := range [][]byte{from, to} {
			if h != nil {
				c.ask(wire.TypeClose, h)
			}
		}
	}
	for _, kind := range []wire.Type{wire.TypeMkdir, wire.TypeRmdir, wire.TypeRemove, wire.TypeMkdir, wire.TypeRmdir} {
		if kind == wire.TypeMkdir {
			c.ask(kind, path, none)
			continue
		}
		c.ask(kind, path)
	}
	return c.answers.Bytes()
}
