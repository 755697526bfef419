package control

import (
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/frontends/listen"
)

// When AllProcessed reports so, every line that had arrived before was processed, also
// one that the reader was taking out of the socket, or that came with a PROXY header.
func TestAllProcessed(t *testing.T) {
	const header = "PROXY TCP4 192.0.2.1 192.0.2.2 1234 21\r\n"
	for name, intro := range map[string]string{"direct": "", "PROXY": header} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 5 {
				testAllProcessed(t, intro)
			}
		})
	}
}

func testAllProcessed(t *testing.T, intro string) {
	client, server := tcp(t)
	socket := server.(*net.TCPConn)
	// More than the reader takes at once.
	const lines = 16
	burst := strings.Repeat("NOOP "+strings.Repeat("x", 300)+"\r\n", lines)
	send(t, client, intro+burst)
	if intro != "" {
		var err error
		if server, err = listen.ReadProxyHeader(server); err != nil {
			t.Fatal(err)
		}
	}
	c := New(t.Context(), server, slog.New(slog.DiscardHandler), nil)
	var processed atomic.Int64
	var wg sync.WaitGroup
	wg.Go(func() { c.ReadLines(func() {}) })
	wg.Go(func() {
		for range c.Lines() {
			processed.Add(1)
			c.Processed()
		}
	})
	for n := range int64(80) {
		if n > 0 {
			send(t, client, burst)
		}
		awaitReceived(t, socket, len(intro)+int(n+1)*len(burst))
		if !c.AllProcessed(t.Context()) {
			t.Fatal("the lines are not processed within a second")
		}
		if got, want := processed.Load(), (n+1)*lines; got != want {
			t.Fatalf("%d lines are processed, want %d", got, want)
		}
	}
	_ = client.Close()
	wg.Wait()
	c.Close()
}

// awaitReceived waits until the socket has received so many bytes in all.
func awaitReceived(t *testing.T, c *net.TCPConn, n int) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for received := 0; received < n; runtime.Gosched() {
		if t.Context().Err() != nil {
			t.Fatalf("%d bytes were received, want %d", received, n)
		}
		if err := raw.Control(func(fd uintptr) {
			if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
				received = int(info.Bytes_received)
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// tcp returns the two ends of a TCP connection.
func tcp(t *testing.T) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return client, server
}
