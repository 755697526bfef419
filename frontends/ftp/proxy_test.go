package ftp_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	proxyproto "github.com/pires/go-proxyproto"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

func behindProxy(o *ftp.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/30")} }

// talk dials from an address of loopback, sends intro and returns what the
// server says first, "" when it closes the connection without a reply.
func talk(t *testing.T, g *gateway, from string, intro []byte) (net.Conn, *bufio.Reader, string) {
	t.Helper()
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).Dial("tcp", g.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience.Limit())); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(intro); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	text, _ := r.ReadString('\n')
	return c, r, text
}

// header is a PROXY header for a client at 127.0.0.77, in both versions.
func header(t *testing.T, version byte) []byte {
	t.Helper()
	h := proxyproto.HeaderProxyFromAddrs(version,
		&net.TCPAddr{IP: net.IPv4(127, 0, 0, 77), Port: 1234}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 5), Port: 21})
	b, err := h.Format()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The client's own address counts: for the address that PASV announces, and for
// whose data connections are taken. Those come directly, or by a proxy as well.
func TestPROXY(t *testing.T) {
	t.Parallel()
	for _, version := range []byte{1, 2} {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			g := start(t, memory.New(), behindProxy)
			testPROXY(t, g, header(t, version), "127.0.0.77", "12345")
		})
		t.Run(fmt.Sprint("version ", version, " for data too"), func(t *testing.T) {
			g := start(t, memory.New(), func(o *ftp.Options) {
				behindProxy(o)
				o.Passive.Proxies = o.Proxies
			})
			testPROXY(t, g, header(t, version), "127.0.0.2", string(header(t, version))+"12345")
		})
	}
}

// ABOR that goes as urgent data is read behind a proxy too, be it that its LF
// arrives or that the proxy has taken it out.
func TestUrgentABORByPROXY(t *testing.T) {
	t.Parallel()
	for _, sent := range []string{"ABOR\r\n", "ABOR\r"} {
		g := start(t, memory.New(), behindProxy)
		c, r, _ := talk(t, g, "127.0.0.1", header(t, 2))
		expect := func(line string, codes ...string) {
			t.Helper()
			if _, err := ftpclient.Urgent(c).Write([]byte(line)); err != nil {
				t.Fatal(err)
			}
			for _, code := range codes {
				if text, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(text, code) {
					t.Fatalf("%q: %q, %v, want %s", line, text, err, code)
				}
			}
		}
		expect("USER u\r\nPASS p\r\nEPSV\r\nSTOR f\r\n", "331", "230", "229", "150")
		expect(sent, "426", "226")
		expect("SIZE f\r\n", "550")
	}
}

// testPROXY uploads a file: data, header included, comes from an address.
func testPROXY(t *testing.T, g *gateway, intro []byte, from, data string) {
	t.Helper()
	c, r, greeting := talk(t, g, "127.0.0.1", intro)
	if !strings.HasPrefix(greeting, "220") {
		t.Fatalf("greeting %q", greeting)
	}
	say := func(line string) string {
		t.Helper()
		if _, err := io.WriteString(c, line+"\r\n"); err != nil {
			t.Fatal(err)
		}
		text, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		return strings.TrimSpace(text)
	}
	say("USER u")
	say("PASS p")
	text := say("PASV")
	if !strings.Contains(text, "(127,0,0,5,") {
		t.Errorf("PASV: %q, want the address that the client reached", text)
	}
	var hi, lo int
	if _, err := fmt.Sscanf(text[strings.Index(text, "5,"):], "5,%d,%d)", &hi, &lo); err != nil {
		t.Fatal(err)
	}
	if text := say("STOR f"); !strings.HasPrefix(text, "150") {
		t.Fatal(text)
	}
	dc, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).Dial("tcp", fmt.Sprintf("127.0.0.1:%d", hi<<8|lo))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(dc, data)
	_ = dc.Close()
	if text, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(text, "226 Transfer complete, 5 bytes") {
		t.Errorf("reply %q, %v", text, err)
	}
}

// A proxy of data connections that sends nothing holds up no other client, and a stop ends
// it.
func TestSilentProxyOfData(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), func(o *ftp.Options) {
		o.Passive.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}
	})
	c := g.login(ftpclient.Options{})
	addr, err := c.ExtendedPassive()
	if err != nil {
		t.Fatal(err)
	}
	silent, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if err := c.Put("f", strings.NewReader("1")); err != nil {
		t.Error(err)
	}
	if err := g.stop(); err != nil {
		t.Error(err)
	}
	_ = silent.SetReadDeadline(time.Now().Add(patience.Limit()))
	if _, err := silent.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the silent connection outlives the server")
	}
}

func TestPROXYIsForProxies(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), behindProxy)
	if _, _, got := talk(t, g, "127.0.0.1", []byte("USER u\r\nPASS p\r\n")); got != "" {
		t.Errorf("a proxy that says nothing of its client gets %q", got)
	}
	if _, _, got := talk(t, g, "127.0.0.9", nil); !strings.HasPrefix(got, "220") {
		t.Errorf("a client that is no proxy gets %q", got)
	}
	// A header from elsewhere is a command line like any other.
	_, r, _ := talk(t, g, "127.0.0.9", header(t, 1))
	if got, _ := r.ReadString('\n'); !strings.HasPrefix(got, "500") {
		t.Errorf("a forged header is answered with %q", got)
	}
}

func TestHostsOfNetworks(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), func(o *ftp.Options) {
		o.Passive.Host = "198.51.100.1"
		o.Passive.Port = 40000
		o.Passive.Hosts = []ftp.NetworkHost{{Network: netip.MustParsePrefix("127.0.0.9/32"), Host: "10.0.0.1"}}
	})
	for from, want := range map[string]string{"127.0.0.9": "(10,0,0,1,156,64)", "127.0.0.1": "(198,51,100,1,156,64)"} {
		c, r, _ := talk(t, g, from, []byte("USER u\r\nPASS p\r\nPASV\r\n"))
		var text string
		for range 3 {
			text, _ = r.ReadString('\n')
		}
		if !strings.Contains(text, want) {
			t.Errorf("PASV from %s: %q, want %s", from, text, want)
		}
		_ = c.Close()
	}
}
