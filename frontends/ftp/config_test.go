package ftp_test

import (
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/auth"
)

func decode(t *testing.T, text string) (frontends.Config, hcl.Diagnostics) {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), "ftp.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body, diags := ftp.Type().Decode(file.Body, nil)
	return body.(frontends.Config), diags
}

// Each mistake is reported where it was made. What is about the whole block
// gets its place from the caller, which knows the block.
func TestConfigProblems(t *testing.T) {
	t.Parallel()
	const good = "listen = \":2121\"\npassive {\n  listen = \":50000\"\n}\n"
	const open = "listen = \":21\"\npassive {\n listen = \":50000\"\n peer_check = \"off\"\n}\n"
	tlsBlock := func(mode, reuse string) string {
		return fmt.Sprintf("tls {\n mode = %q\n self_signed = true\n data_session_reuse = %q\n}\n", mode, reuse)
	}
	for text, want := range map[string][]string{
		good: nil,
		"listen = \"21\"\npassive {\n  listen = \"x\"\n}\n":                              {"1 Invalid address to listen on", "3 Invalid address of passive ports"},
		good + `idle_timeout = "never"`:                                                  {"5 Invalid duration"},
		good + `login_timeout = "-1s"`:                                                   {"5 Invalid duration"},
		good + `banner = "a\r\n220 b"`:                                                   {"5 Control character in a text"},
		good + "banner = \"a\\nb\"\nlogin_message = \"\\t\"":                             {"6 Control character in a text"},
		good + "max_sessions = -1\nmax_sessions_per_address = -2":                        {"5 Invalid bound", "6 Invalid bound"},
		good + `proxy_protocol = ["10.0.0.0/99"]`:                                        {"5 Invalid network"},
		good + "tls {\n mode = \"on\"\n}":                                                {"5 No certificate", "6 Invalid value for mode"},
		good + "tls {\n mode = \"optional\"\n}":                                          {"5 No certificate"},
		good + "tls {\n mode = \"off\"\n}":                                               nil,
		good + "tls {\n mode = \"required\"\n self_signed = true\n cert_file = \"c\"\n}": {"5 Two certificates"},
		good + "tls {\n mode = \"required\"\n self_signed = true\n min_version = \"1.1\"\n data_session_reuse = \"?\"\n}":            {"8 Invalid value for min_version", "9 Invalid value for data_session_reuse"},
		"listen = \":21\"\npassive {\n listen = \":50000-50007\"\n port = 65530\n host = \"::1\"\n}":                                 {"4 Invalid port", "5 PASV can only announce an IPv4 address"},
		"listen = \":21\"\npassive {\n listen = \":50000\"\n peer_check = \"lax\"\n}":                                                {"4 Invalid value for peer_check"},
		good + "tls {\n mode = \"required\"\n self_signed = true\n client_certificates = \"require\"\n}":                             {"8 Client certificates without an authority"},
		good + "tls {\n mode = \"required\"\n self_signed = true\n client_ca_file = \"/nowhere\"\n client_certificates = \"ask\"\n}": {"8 File is not there", "9 Invalid value for client_certificates"},
		good + "tls {\n mode = \"required\"\n self_signed = true\n client_ca_file = \"config_test.go\"\n}":                           {"8 Authorities cannot be used"},
		good + "tls {\n mode = \"required\"\n self_signed = true\n certificate {\n  cert_file = \"c\"\n  key_file = \"k\"\n }\n}":    {"5 Two certificates"},
		good + "tls {\n mode = \"required\"\n certificate {\n  cert_file = \"/nowhere\"\n  key_file = \"/nowhere\"\n }\n}":           {"8 File is not there", "9 File is not there"},
		good + "tls {\n mode = \"required\"\n cert_file = \"c\"\n certificate {\n  cert_file = \"c\"\n  key_file = \"k\"\n }\n}":     {"5 No certificate"},
		open:                                   {"4 Anybody may take a data connection"},
		open + tlsBlock("required", "prefer"):  {"4 Anybody may take a data connection"},
		open + tlsBlock("required", "off"):     {"4 Anybody may take a data connection"},
		open + tlsBlock("optional", "require"): {"4 Anybody may take a data connection"},
		open + tlsBlock("off", "require"):      {"4 Anybody may take a data connection"},
		open + tlsBlock("required", "require"): nil,
		open + tlsBlock("implicit", "require"): nil,
		strings.Replace(open, "\n}", "\n allow_unverified_peers = true\n}", 1):                                  nil,
		"listen = \":21\"\npassive {\n listen = \":50000\"\n network \"10/8\" {\n  host = \"a.example\"\n }\n}": {"4 Invalid network"},
	} {
		_, diags := decode(t, text)
		var got []string
		for _, d := range diags {
			if d.Subject == nil || d.Detail == "" {
				t.Errorf("%q: %q has no place or no advice", text, d.Summary)
				continue
			}
			got = append(got, fmt.Sprintf("%d %s", d.Subject.Start.Line, d.Summary))
		}
		sorted := cmp.Transformer("set", func(s []string) map[string]bool {
			m := map[string]bool{}
			for _, x := range s {
				m[x] = true
			}
			return m
		})
		if diff := cmp.Diff(want, got, sorted); diff != "" {
			t.Errorf("%s\n(-want +got):\n%s", text, diff)
		}
	}
}

func TestConfigOpens(t *testing.T) {
	t.Parallel()
	users, err := auth.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	env := frontends.Env{Name: "test", Log: slog.New(slog.DiscardHandler), Auth: users, Grace: time.Second}
	c, diags := decode(t, "listen = \"127.0.0.1:0\"\npassive {\n  listen = \"127.0.0.1:0\"\n}\ntls {\n  mode = \"optional\"\n  self_signed = true\n}\n")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	s, err := c.Open(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	if port := s.Addr().(*net.TCPAddr).Port; port == 0 {
		t.Error("no port is bound")
	}
	for text, want := range map[string]string{
		fmt.Sprintf("listen = %q\npassive {\n  listen = \"127.0.0.1:0\"\n}\n", s.Addr()):                                                                               "address already in use",
		"listen = \"127.0.0.1:0\"\npassive {\n  listen = \"127.0.0.1:0\"\n}\ntls {\n  mode = \"implicit\"\n  cert_file = \"none.crt\"\n  key_file = \"none.key\"\n}\n": "none.crt",
	} {
		c, diags := decode(t, text)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if _, err := c.Open(t.Context(), env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open: %v, want %q in it", err, want)
		}
	}
}

// The protocols of a frontend are those of logins, for users that are limited to some.
func TestProtocols(t *testing.T) {
	for tls, want := range map[string][]string{
		"":                     {auth.FTP},
		`tls { mode = "off" }`: {auth.FTP},
		"tls {\n mode = \"optional\"\n self_signed = true\n}": {auth.FTP, auth.FTPS},
		"tls {\n mode = \"required\"\n self_signed = true\n}": {auth.FTPS},
		"tls {\n mode = \"implicit\"\n self_signed = true\n}": {auth.FTPS},
	} {
		c, diags := decode(t, "listen = \"127.0.0.1:2121\"\npassive { listen = \"127.0.0.1:2122\" }\n"+tls)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if got := c.(*ftp.Config).Protocols(); !cmp.Equal(got, want) {
			t.Errorf("%s: %q, want %q", tls, got, want)
		}
	}
}
