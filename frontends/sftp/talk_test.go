package sftp_test

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

const codeOK, codeEOF, codeNoFile, codeDenied, codeFailure, codeUnsupported = 0, 1, 2, 3, 4, 8

// talk is a conversation with a server of its own.
type talk struct {
	*testing.T
	*sftpclient.Conn
	server *frontendtest.Server
	ssh    *ssh.Client
}

// startTalk starts a server and logs in.
func startTalk(t *testing.T) *talk {
	t.Helper()
	return talkTo(t, frontendtest.Serve(t, sftptest.Target(config(t))))
}

func talkTo(t *testing.T, server *frontendtest.Server) *talk {
	t.Helper()
	c := dial(t, server)
	inner, err := sftpclient.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return &talk{T: t, Conn: inner, server: server, ssh: c}
}

func dial(t *testing.T, server *frontendtest.Server) *ssh.Client {
	t.Helper()
	l := server.Login()
	c, err := ssh.Dial("tcp", server.Addr(), clientConfig(l.User, ssh.Password(l.Password)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		_ = c.Wait()
	})
	return c
}

func clientConfig(user string, proofs ...ssh.AuthMethod) *ssh.ClientConfig {
	return &ssh.ClientConfig{
		User: user, Auth: proofs, Timeout: time.Minute,
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // the server is ours
	}
}

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// ask sends a request and returns its answer.
func (t *talk) ask(kind wire.Type, body ...[]byte) sftpclient.Packet {
	t.Helper()
	p, err := t.Ask(kind, join(body...))
	if err != nil {
		t.Fatalf("request of type %d: %v", kind, err)
	}
	return p
}

// want sends a request and wants a STATUS with a code.
func (t *talk) want(code uint32, kind wire.Type, body ...[]byte) {
	t.Helper()
	if got, text := t.ask(kind, body...).Status(); got != code {
		t.Errorf("request of type %d: %d %s, want %d", kind, got, text, code)
	}
}

// open opens a file and returns its handle as a request has it.
func (t *talk) open(name string, flags uint32) []byte {
	t.Helper()
	p := t.ask(wire.TypeOpen, openBody(name, flags))
	if p.Kind != wire.TypeHandle {
		code, text := p.Status()
		t.Fatalf("OPEN %s with %d: %d %s", name, flags, code, text)
	}
	return sftpclient.String(p.String(0))
}

func openBody(name string, flags uint32) []byte {
	return join(sftpclient.String(name), sftpclient.Uint32(flags), sftpclient.Uint32(0))
}

// write sends a WRITE and wants its code.
func (t *talk) write(code uint32, handle []byte, off uint64, data string) {
	t.Helper()
	t.want(code, wire.TypeWrite, handle, sftpclient.Uint64(off), sftpclient.String(data))
}

// read sends a READ and wants the data.
func (t *talk) read(handle []byte, off uint64, n uint32, want string) {
	t.Helper()
	p := t.ask(wire.TypeRead, handle, sftpclient.Uint64(off), sftpclient.Uint32(n))
	if p.Kind != wire.TypeData {
		code, text := p.Status()
		t.Errorf("READ: %d %s", code, text)
		return
	}
	if got := p.String(0); got != want {
		t.Errorf("READ at %d: %q, want %q", off, got, want)
	}
}

// setSize is FSETSTAT with a size.
func (t *talk) setSize(code uint32, handle []byte, size uint64) {
	t.Helper()
	const attrSize = 1
	t.want(code, wire.TypeFsetstat, handle, sftpclient.Uint32(attrSize), sftpclient.Uint64(size))
}

func (t *talk) close(code uint32, handle []byte) {
	t.Helper()
	t.want(code, wire.TypeClose, handle)
}
