package ftp

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/charset"
	sessions "github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

// fuzzServer is a server whose sessions are served on connections in memory.
func fuzzServer(f testing.TB, dialect tenant.Dialect) *Server {
	f.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("p"), bcrypt.MinCost)
	if err != nil {
		f.Fatal(err)
	}
	users, err := auth.New([]auth.Account{{
		Tenant: "t", Name: "u", PasswordHash: string(hash), User: &tenant.User{View: viewOf(f, vfs.ViewOptions{Allow: vfs.PermAll}), Dialect: dialect},
	}})
	if err != nil {
		f.Fatal(err)
	}
	s, err := New(f.Context(), Options{
		Listen: "127.0.0.1:0", Passive: PassiveOptions{Listen: "127.0.0.1:0"}, Auth: users, LoginDelay: time.Nanosecond,
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		_ = s.listener.Close()
		s.plane.Close()
	})
	return s
}

// ofNobody returns the context of a connection without an address.
func ofNobody(s *Server) context.Context {
	return sessions.NewContext(context.Background(), s.observe.NewSession(netip.AddrPort{}))
}

// converse sends all of it to a session of its own, which it ends with QUIT, and
// returns what the client gets.
func converse(t *testing.T, s *Server, sent []byte) []byte {
	t.Helper()
	client, server := net.Pipe()
	var wg sync.WaitGroup
	served := newSession(ofNobody(s), s, server)
	wg.Go(served.run)
	wg.Go(func() {
		// The session may have ended already.
		_, _ = client.Write(append(sent, "\r\nQUIT\r\n"...))
	})
	got, err := io.ReadAll(client)
	if err != nil && !strings.Contains(err.Error(), "closed") {
		t.Errorf("reading: %v", err)
	}
	_ = client.Close()
	wg.Wait()
	if n := served.client.Transfers(); n != 0 {
		t.Errorf("%d transfers are counted as running", n)
	}
	return got
}

// wellFormed returns the codes of the replies in text, and fails when something
// in it is no reply (RFC 959, 4.2).
func wellFormed(t *testing.T, text []byte) (codes []int) {
	t.Helper()
	if len(text) == 0 {
		return nil
	}
	first := ""
	for line := range bytes.SplitSeq(bytes.TrimSuffix(text, []byte("\r\n")), []byte("\r\n")) {
		l := string(line)
		if strings.ContainsAny(l, "\r\n\x00") {
			t.Errorf("a line of a reply is %q", l)
		}
		if first == "" {
			first = l
		}
		code, last := control.LastLine(first, l)
		switch {
		case last:
			codes = append(codes, code)
			first = ""
		case l != first && !strings.HasPrefix(l, " ") && !strings.HasPrefix(l, first[:3]+"-"), l == first && (len(l) < 4 || l[3] != '-'):
			t.Errorf("line %q of the reply %q", l, first)
			return codes
		}
	}
	if first != "" {
		t.Errorf("reply %q has no end", first)
	}
	return codes
}

// Whatever a client sends, each line gets one answer, every answer is
// well-formed, and the session ends.
func FuzzSession(f *testing.F) {
	cp1252, err := charset.Parse("cp1252")
	if err != nil {
		f.Fatal(err)
	}
	servers := []*Server{fuzzServer(f, tenant.Dialect{}), fuzzServer(f, tenant.Dialect{Charset: cp1252, DOSList: true, ConvertASCII: true})}
	for _, seed := range []string{
		"NOOP", "FEAT\r\nOPTS MLST type;", "MKD a\r\nCWD a\r\nPWD\r\nCDUP\r\nRMD a", "\xff\xf4\xff\xf2ABOR", "\xff\xfb\x01NOOP\xff",
		"REIN\r\nUSER u\r\nPASS x\r\nPWD", "MDTM 20200101000000 x\r\nMFMT 20200101000000 x\r\nSITE UTIME x 1 2 3 UTC", "STAT /\r\nSTAT -la\r\nSTAT",
		"XMD5 \"a\"\"b\" 1 2\r\nHASH x\r\nOPTS HASH MD5", "HELP\r\nHELP stor\r\nHELP \xff", "RNFR a\r\nRNTO b\r\nREST 1\r\nALLO 1 R 2", "STOR x\r\nLIST\r\nSTOU",
		"\r\n\r\n\n\nNOOP", strings.Repeat("x", 5000), "CWD " + strings.Repeat("/a", 2100), "TYPE A\r\nTYPE  I\r\nSIZE x\r\nMODE Z", "USER x\x00y", "MKD \x80\r\nPWD \xfc",
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, sent []byte, in bool) {
		lines, quits := 1, false
		r := control.NewReader(bytes.NewReader(append(bytes.Clone(sent), "\r\nQUIT\r\n"...)))
		for {
			text, err := r.Next()
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				break
			}
			switch l := control.ParseLine(text); l.Verb {
			case "PASV", "EPSV":
				t.Skip("no data connections here")
			case "QUIT":
				quits = true
			}
			lines++
			if quits {
				break
			}
		}
		if in {
			sent = append([]byte("USER u\r\nPASS p\r\n"), sent...)
			lines += 2
		}
		for _, s := range servers {
			got := converse(t, s, sent)
			codes := wellFormed(t, got)
			ended := len(codes) > 0 && (codes[len(codes)-1] == 421 || codes[len(codes)-1] == 530)
			if len(codes) != lines && !ended {
				t.Errorf("%d answers to %d lines: %q gets %q", len(codes), lines, sent, got)
			}
		}
	})
}

// Whatever the library replies, the client gets well-formed replies, and nothing
// of the library's own words about what went wrong.
func FuzzReplies(f *testing.F) {
	s := fuzzServer(f, tenant.Dialect{})
	for _, seed := range []struct {
		code uint16
		text string
	}{{220, "hello"}, {250, "ok"}, {550, "secret"}, {211, "End"}, {257, `"/a" Created dir`}, {257, "secret"}, {226, ""}} {
		for _, verb := range []string{"PWD", "MKD", "TYPE", ""} {
			f.Add(seed.code, seed.text, verb)
		}
	}
	f.Fuzz(func(t *testing.T, code uint16, text, verb string) {
		if strings.ContainsAny(text, "\r\n\x00") || code < 100 || code >= 600 {
			t.Skip("the engine reports no such reply")
		}
		client, server := net.Pipe()
		session := newSession(ofNobody(s), s, server)
		defer session.cancel()
		session.login.account = &auth.Account{User: &tenant.User{}}
		session.passed = passedCommand{s.commands[verb], "I"}
		var wg sync.WaitGroup
		wg.Go(func() {
			session.Replied(engine.Reply{Code: int(code), Text: text})
			_ = server.Close()
		})
		got, _ := io.ReadAll(client)
		wg.Wait()
		for _, code := range wellFormed(t, got) {
			if code >= 400 && bytes.Contains(got, []byte("secret")) {
				t.Errorf("the library's words reach the client: %q", got)
			}
		}
	})
}

// What is read from arguments is nothing but a part of them.
func FuzzArguments(f *testing.F) {
	for _, seed := range []string{
		"20200101000000 x", "x 20200101000000 20200101000000 20200101000000 UTC", `"a""b" 1 2`, "a 1 2", "-la x", "dir/", "a b.c.d", "20200230000000.5 x", "1,2,3,4,5,6", "|1|1.2.3.4|5|", "!2!::1!5!",
		"a\t20200101000000\t20200101000000\t20200101000000\tUTC", "\t\t\t\tUTC", "20200101000000+60 x", "20200101000000-0530\tx", "-- -x", "\u00a0", "100\tR\t5",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		if at, path, ok := cutTime(arg); ok && (at.IsZero() && !strings.HasPrefix(arg, "0001") || !strings.HasSuffix(arg, path) || at.Format(wireTime) != arg[:14]) {
			t.Errorf("cutTime(%q) = %v, %q", arg, at, path)
		}
		if at, path, ok := cutZoned(arg); ok && (!strings.HasSuffix(arg, path) || at.Year() < 0 || at.Year() > 9999 || strings.TrimSpace(path) == "") {
			t.Errorf("cutZoned(%q) = %v, %q", arg, at, path)
		}
		if at, path, ok := parseUTIME(arg); ok && (path == "" || !strings.Contains(arg, path) || at.Year() > 9999) {
			t.Errorf("parseUTIME(%q) = %v, %q", arg, at, path)
		}
		if p, ok := parsePiece(arg); ok && (p.start < 0 || p.end < -1 || p.end >= 0 && p.end < p.start || p.whole != "" && !strings.HasPrefix(arg, p.path)) {
			t.Errorf("parsePiece(%q) = %+v", arg, p)
		}
		if to, ok := parsePORT(arg); ok && !to.Addr().Is4() {
			t.Errorf("parsePORT(%q) = %v", arg, to)
		}
		if to, family, ok := parseEPRT(arg); ok && (!to.IsValid() || family == 1 && !to.Addr().Is4()) {
			t.Errorf("parseEPRT(%q) = %v, %d", arg, to, family)
		}
		if rest := cutOptions(arg); !strings.HasSuffix(arg, rest) {
			t.Errorf("cutOptions(%q) = %q", arg, rest)
		}
		if a, b := uniqueName(arg), uniqueName(arg); a == b || !strings.HasPrefix(a, arg[:strings.LastIndexByte(arg, '/')+1]) {
			t.Errorf("uniqueName(%q) = %q and %q", arg, a, b)
		}
	})
}
