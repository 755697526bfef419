package ftp_test

import (
	"crypto/tls"
	"io"
	"net"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// No protocol that a client offers by ALPN makes a handshake fail, except for the protocols of a
// browser on the control connection.
func TestProtocolsInsideOfTLS(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		control, data []string
		// wantControl and wantData are what is negotiated; refused means that there is
		// no session.
		wantControl, wantData string
		refused               bool
	}{
		{name: "none"},
		{name: "FileZilla", control: []string{"ftp"}, data: []string{"ftp-data"}, wantControl: "ftp", wantData: "ftp-data"},
		{name: "one for both", control: []string{"ftp"}, data: []string{"ftp"}, wantControl: "ftp", wantData: "ftp"},
		{name: "data alone", data: []string{"ftp-data"}, wantData: "ftp-data"},
		{name: "both on both", control: []string{"ftp-data", "ftp"}, data: []string{"ftp", "ftp-data"}, wantControl: "ftp", wantData: "ftp-data"},
		{name: "the wrong one for control", control: []string{"ftp-data"}},
		{name: "unknown", control: []string{"ftps", "x-acme"}, data: []string{"ftps", "http/1.1", "h2"}},
		{name: "one of many", control: []string{"x-acme", "http/1.1", "ftp"}, data: []string{"x-acme", "ftp-data"}, wantControl: "ftp", wantData: "ftp-data"},
		{name: "browser", control: []string{"h2", "http/1.1"}, refused: true},
		{name: "old browser", control: []string{"http/1.1"}, refused: true},
	} {
		for version, number := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
			t.Run(tt.name+"/"+version, func(t *testing.T) {
				g := start(t, memory.New(), nil)
				sharing(g)
				g.tls.NextProtos, g.tls.MaxVersion = tt.control, number
				c, err := ftpclient.Dial(t.Context(), g.addr, ftpclient.Options{Security: ftpclient.Explicit, TLS: g.tls})
				if tt.refused {
					if err == nil {
						c.Close()
						t.Fatal("the handshake succeeds")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if err := c.Login("u", "p"); err != nil {
					t.Fatal(err)
				}
				if state, _ := c.TLSState(); state.NegotiatedProtocol != tt.wantControl {
					t.Errorf("the control connection speaks %q, want %q", state.NegotiatedProtocol, tt.wantControl)
				}
				o := g.tls.Clone()
				o.NextProtos = tt.data
				for _, command := range []string{"STOR f", "RETR f"} {
					addr, err := c.ExtendedPassive()
					if err != nil {
						t.Fatal(err)
					}
					raw, err := net.Dial("tcp", addr)
					if err != nil {
						t.Fatal(err)
					}
					defer raw.Close()
					g.say(c, command, 150)
					data := tls.Client(raw, o)
					if err := data.Handshake(); err != nil {
						t.Fatalf("%s: %v", command, err)
					}
					state := data.ConnectionState()
					if state.NegotiatedProtocol != tt.wantData {
						t.Errorf("the data connection speaks %q, want %q", state.NegotiatedProtocol, tt.wantData)
					}
					if !state.DidResume {
						t.Errorf("%s: the session is not resumed", command)
					}
					_ = data.CloseWrite()
					_, _ = io.Copy(io.Discard, data)
					g.expect(c, 226)
				}
			})
		}
	}
}
