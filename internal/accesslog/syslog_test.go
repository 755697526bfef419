package accesslog

import (
	"bufio"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// The forms of a message: to a server in the network RFC 5424, to that of the machine what
// syslog(3) sends. It follows the path of the event.
const (
	rfc5424 = `^<134>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d) node-1 tidegate \d+ access_log\.a_b - \{.*"path":"(.*?)".*\}$`
	rfc3164 = `^<134>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d tidegate\[\d+\]: \{.*"path":"(.*?)".*\}$`
)

// received is what a server gets: one message at a time.
type received func() (string, error)

// datagrams returns what comes to a socket for datagrams.
func datagrams(c net.PacketConn) received {
	b := make([]byte, 1<<16)
	return func() (string, error) {
		n, _, err := c.ReadFrom(b)
		return string(b[:n]), err
	}
}

// Each line is one message, in the form of its server, over UDP, the machine's socket and TCP.
// A server that was started again gets further lines.
func TestSyslog(t *testing.T) {
	open := map[string]func(t *testing.T, address string) (local string, next received, end func() error){
		"udp": func(t *testing.T, address string) (string, received, func() error) {
			c, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", address)
			if err != nil {
				t.Fatal(err)
			}
			return c.LocalAddr().String(), datagrams(c), c.Close
		},
		"unix": func(t *testing.T, address string) (string, received, func() error) {
			c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
			if err != nil {
				t.Fatal(err)
			}
			return address, datagrams(c), func() error { return errors.Join(c.Close(), os.Remove(address)) }
		},
		"tcp": func(t *testing.T, address string) (string, received, func() error) {
			l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			var lines *bufio.Scanner
			var c net.Conn
			return l.Addr().String(), func() (string, error) {
					if lines == nil {
						if c, err = l.Accept(); err != nil {
							return "", err
						}
						lines = bufio.NewScanner(c)
					}
					if !lines.Scan() {
						return "", lines.Err()
					}
					return lines.Text(), nil
				}, func() error {
					if c != nil {
						_ = c.(*net.TCPConn).SetLinger(0)
						_ = c.Close()
					}
					return l.Close()
				}
		},
	}
	for network, form := range map[string]string{"udp": rfc5424, "unix": rfc3164, "tcp": rfc5424} {
		t.Run(network, func(t *testing.T) {
			address := "127.0.0.1:0"
			if network == "unix" {
				if runtime.GOOS == "windows" {
					t.Skip("there are no such sockets")
				}
				address = filepath.Join(t.TempDir(), "log")
			}
			address, next, end := open[network](t, address)
			o := Options{Name: "access_log.a b", Format: JSON, Node: "node-1", Syslog: Syslog{Network: network, Address: address, Facility: "local0"}}
			s := setOf(t, o)
			want := func(path string) {
				t.Helper()
				for {
					m, err := next()
					if err != nil {
						t.Fatal(err)
					}
					found := regexp.MustCompile(form).FindStringSubmatch(m)
					if found == nil {
						t.Fatalf("a message is\n%q, want\n%s", m, form)
					}
					if found[len(found)-1] == path {
						return
					}
				}
			}
			s.Record(t.Context(), numbered(0, 1))
			s.Record(t.Context(), numbered(0, 2))
			want("/0-1")
			want("/0-2")
			long := numbered(0, 3)
			long.Path = "/" + strings.Repeat("x", 2*longestMessage)
			s.Record(t.Context(), long) // cut, and it holds up nothing
			s.Record(t.Context(), numbered(0, 4))
			for m := ""; !strings.Contains(m, `"path":"/0-4"`); {
				var err error
				if m, err = next(); err != nil || len(m) > longestMessage+200 {
					t.Fatalf("%d bytes, %v", len(m), err)
				}
			}
			if network == "tcp" {
				return // TestDeadSyslog
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
			_, next, end = open[network](t, address)
			defer func() { _ = end() }()
			s.Record(t.Context(), numbered(0, 5)) // the connection before may take and lose it
			s.Record(t.Context(), numbered(0, 6))
			want("/0-6")
		})
	}
}
