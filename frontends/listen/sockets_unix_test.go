//go:build unix

package listen

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

// bound returns listening sockets of 127.0.0.1 called names, and their ports.
func bound(t *testing.T, names ...string) (files []*os.File, ports []string) {
	t.Helper()
	for _, name := range names {
		l, err := Config().Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		file, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		// Another number for the same socket, with the name.
		fd, err := syscall.Dup(int(file.Fd()))
		_ = file.Close()
		if err != nil {
			t.Fatal(err)
		}
		files, ports = append(files, os.NewFile(uintptr(fd), name)), append(ports, port)
	}
	return files, ports
}

func inherit(t *testing.T, files []*os.File) *Sockets {
	t.Helper()
	s, err := Inherit(files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// An inherited socket is found by its name and port, or by its address. Every address that no
// such socket has is bound.
func TestInheritedSockets(t *testing.T) {
	files, ports := bound(t, "ftp.public", "tidegate.socket", "ftp.public.passive", "ftp.public.passive")
	s := inherit(t, files)
	for _, test := range []struct{ name, address, port string }{
		{"ftp.public", "0.0.0.0:" + ports[0], ports[0]},
		{"sftp.public", "127.0.0.1:" + ports[1], ports[1]},
		{"ftp.public.passive", "[::]:" + ports[3], ports[3]},
		{"ftp.public.passive", "127.0.0.1:0", ports[2]},
	} {
		l, err := s.Listen(t.Context(), test.name, test.address)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if _, port, _ := net.SplitHostPort(l.Addr().String()); !l.inherited || port != test.port {
			t.Errorf("%s at %s: port %s, inherited: %v; want %s", test.name, test.address, port, l.inherited, test.port)
		}
	}
	if unused := s.Unused(); len(unused) > 0 {
		t.Errorf("unused: %v", unused)
	}
	l, err := s.Listen(t.Context(), "ftp.other", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.inherited {
		t.Error("a frontend without a socket has inherited one")
	}
}

// A socket called as the frontend with another port than the configuration is a mistake in one
// of the two, and does not pass unnoticed. One that no frontend wants is reported.
func TestInheritedSocketWithAnotherPort(t *testing.T) {
	files, ports := bound(t, "ftp.public", "old.socket")
	s := inherit(t, files)
	_, err := s.Listen(t.Context(), "ftp.public", "127.0.0.1:1")
	if err == nil || !strings.Contains(err.Error(), ports[0]) {
		t.Errorf("another port: %v, want an error that names %s", err, ports[0])
	}
	want := "old.socket 127.0.0.1:" + ports[1]
	if unused := s.Unused(); len(unused) != 2 || unused[1] != want {
		t.Errorf("unused: %v, want %s among them", unused, want)
	}
}

// Clients that connect while nobody listens are served by the next listener, with the options
// of ports that the process binds itself.
func TestInheritedSocketKeepsClients(t *testing.T) {
	files, ports := bound(t, "ftp.public")
	address := "127.0.0.1:" + ports[0]
	s := inherit(t, files)
	for range 2 {
		client, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		l, err := s.Listen(t.Context(), "ftp.public", address)
		if err != nil {
			t.Fatal(err)
		}
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if c.RemoteAddr().String() != client.LocalAddr().String() {
			t.Errorf("accepted %v, want %v", c.RemoteAddr(), client.LocalAddr())
		}
		raw, err := c.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var inline int
		if err := raw.Control(func(fd uintptr) {
			inline, err = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_OOBINLINE)
		}); err != nil || inline == 0 {
			t.Errorf("urgent data is taken out of the stream: %v", err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What is no TCP socket is refused.
func TestInheritedFile(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := Inherit([]*os.File{r}); err == nil {
		t.Error("a pipe was taken for a socket")
	}
}
