package ftptest

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// conversation is one test over the lines of FTP.
type conversation struct {
	name string
	run  func(s *session)
}

// session is a running server, and a Talk with it that is logged in.
type session struct {
	*frontendtest.Server
	e *endpoint
	k *Talk
}

func runConversations(t *testing.T, e *endpoint) {
	t.Helper()
	all := loginConversations()
	if e.options.Security != ftpclient.Implicit { // which is explicit TLS from there on
		all = slices.Concat(all, lineConversations(), transferConversations())
	}
	if e.options.Security != ftpclient.Plain {
		all = append(all, tlsConversations(e.options.Security)...)
	}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			s := &session{Server: frontendtest.Serve(t, e.target()), e: e}
			s.k = s.talk()
			s.login(s.k)
			c.run(s)
		})
	}
}

// talk opens one more session, which is not logged in.
func (s *session) talk() *Talk {
	s.T.Helper()
	return NewTalk(s.T, s.Addr(), s.e.clientOptions())
}

// with opens a session with changed options and logs in.
func (s *session) with(change func(o *ftpclient.Options)) *Talk {
	s.T.Helper()
	o := s.e.clientOptions()
	change(&o)
	k := NewTalk(s.T, s.Addr(), o)
	s.login(k)
	return k
}

func (s *session) login(k *Talk) {
	s.T.Helper()
	l := s.Login()
	k.Cmd("USER " + l.User).Expect(331)
	k.Cmd("PASS " + l.Password).Expect(230)
	k.Cmd("TYPE I").Expect(200)
}

func loginConversations() []conversation {
	return []conversation{
		{"greeting", func(s *session) { s.talk().Expect(220) }},
		{"before login", talkBeforeLogin},
		{"PASS without USER", func(s *session) { s.talk().Cmd("PASS x").Expect(503, 530) }},
		{"USER twice", func(s *session) {
			k := s.talk()
			k.Cmd("USER nobody").Expect(331)
			k.Cmd("USER " + s.Login().User).Expect(331)
			k.Cmd("PASS " + s.Login().Password).Expect(230)
		}},
		{"tries", talkTries},
		{"USER after login", func(s *session) {
			s.k.Cmd("USER nobody").Expect(5)
			s.k.Cmd("PWD").Expect(257)
		}},
		{"QUIT", func(s *session) {
			s.k.Cmd("QUIT").Expect(221)
			s.k.End()
		}},
		{"QUIT before login", func(s *session) { s.talk().Cmd("QUIT").Expect(221) }},
	}
}

// talkTries proves that a client may log in after wrong passwords, and that
// LoginTries wrong passwords end the session.
func talkTries(s *session) {
	try := func(k *Talk) *Talk {
		k.Cmd("USER " + s.Login().User).Expect(331)
		return k.Cmd("PASS wrong").Expect(530)
	}
	k := s.talk()
	for range s.e.config.LoginTries - 1 {
		try(k)
	}
	s.login(k)
	k = s.talk()
	for range s.e.config.LoginTries {
		try(k)
	}
	// A 421 may say that it is over.
	if r, err := k.Receive(); err == nil {
		if r.Code != 421 {
			k.fatal("after the last try: %s, want the end of the session", r)
		}
		k.End()
	}
}

// talkBeforeLogin proves that nothing can be reached without a login.
func talkBeforeLogin(s *session) {
	k := s.talk()
	for _, line := range []string{
		"CWD /", "CDUP", "PWD", "XPWD", "MKD /x", "RMD /x", "DELE /x", "RNFR /x", "RNTO /y", "LIST", "NLST", "MLSD", "MLST /",
		"STAT /", "SIZE /x", "MDTM /x", "MFMT 20200101000000 /x", "RETR /x", "STOR /x", "STOU", "APPE /x", "PASV", "EPSV",
		"PORT 127,0,0,1,200,200", "EPRT |1|127.0.0.1|51400|", "REST 1", "ALLO 1", "ABOR", "SITE CHMOD 644 /x", "HASH /x", "AVBL",
	} {
		// 500 and 502 are for what the server does not know at all.
		k.Cmd(line).Expect(530, 500, 502)
	}
	// And the session still works.
	k.Cmd("NOOP").Expect(200, 530)
	s.login(k)
	s.WantStoredNames("/")
}

func lineConversations() []conversation {
	return []conversation{
		{"unknown command", func(s *session) {
			s.k.Cmd("XYZZY").Expect(500, 502)
			s.k.Cmd("XYZZY a b").Expect(500, 502)
			s.k.Cmd("").Expect(500)
			s.k.Cmd(" PWD").Expect(500, 257)
			s.k.Cmd("NOOP").Expect(200)
		}},
		{"lower case", func(s *session) {
			s.k.Cmd("pwd").Expect(257).Says(`"/"`)
			s.k.Cmd("mKd dir").Expect(257)
			s.k.Cmd("type i").Expect(200)
		}},
		{"missing arguments", func(s *session) {
			for _, verb := range []string{"CWD", "MKD", "RMD", "DELE", "RNFR", "SIZE", "MDTM", "RETR", "STOR", "APPE", "TYPE", "REST"} {
				s.k.Cmd(verb).Expect(501, 550, 553)
			}
			s.WantStoredNames("/")
		}},
		{"pipelined", func(s *session) {
			s.k.Raw("MKD a\r\nMKD b\r\nPWD\r\nNOOP\r\n").Expect(257)
			s.k.Next().Expect(257)
			s.k.Next().Expect(257).Says(`"/"`)
			s.k.Next().Expect(200)
			s.WantStoredNames("/", "a", "b")
		}},
		{"byte by byte", func(s *session) {
			for _, b := range "MKD slow" {
				if err := s.k.SendRaw([]byte{byte(b)}); err != nil {
					s.T.Fatal(err)
				}
			}
			s.k.Raw("\r\n").Expect(257)
			s.WantStoredNames("/", "slow")
		}},
		{"hostile lines", talkHostile},
		{"Telnet commands", talkTelnet},
		{"ends of lines", talkEnds},
		{"urgent data", talkUrgent},
		{"long lines", talkLong},
		{"RNTO alone", func(s *session) { s.k.Cmd("RNTO /x").Expect(503) }},
		{"RNFR forgotten", func(s *session) {
			s.StoreFile("/file", []byte("x"), noTime())
			s.k.Cmd("RNFR /file").Expect(350)
			s.k.Cmd("RNTO /other").Expect(250)
			s.k.Cmd("RNTO /again").Expect(503)
			s.WantStoredNames("/", "other")
		}},
		{"bounce", func(s *session) {
			s.k.Cmd("PORT 192,0,2,1,200,200").Expect(500, 501, 502, 504, 550)
			s.k.Cmd("EPRT |1|192.0.2.1|51400|").Expect(500, 501, 502, 504, 522, 550)
			s.k.Cmd("PORT 127,0,0,1,0,22").Expect(500, 501, 502, 504, 550)
			s.k.Cmd("NOOP").Expect(200)
		}},
	}
}

// talkHostile proves that no byte in an argument makes a second command of it,
// reaches the store, or leaves the client with a reply too many or too few.
func talkHostile(s *session) {
	old := []byte("content")
	s.StoreFile("/file", old, noTime())
	for _, arg := range []string{
		"a\x00b", "\x00", "/file\x00", "a\rb", "a\r\x00b", "a\x01", "a\x1b[2Jb", "a\x7f", "a\tb", "\xff\xff", "a\xff\xffb", "\xc3(", "a\x85b\xa0",
		"\xed\xa0\x80", "\xc0\xaf",
	} {
		for _, verb := range []string{"MKD", "CWD", "DELE", "RMD", "RNFR", "SIZE", "MDTM", "MLST", "MFMT 20200101000000"} {
			s.k.Cmd(verb+" "+arg).Expect(500, 501, 550, 553)
		}
		for _, verb := range []string{"STOR", "APPE", "RETR", "MLSD"} {
			if _, err := s.k.Transfer(verb+" "+arg, 0); !ftpCode(err, 500, 501, 550, 553) {
				s.k.fatal("%q: %v, want a refusal", verb+" "+arg, err)
			}
		}
		s.k.Cmd("RNFR /file").Expect(350)
		s.k.Cmd("RNTO "+arg).Expect(500, 501, 550, 553)
		s.k.Cmd("PWD").Expect(257).Says(`"/"`)
		s.k.Cmd("NOOP").Expect(200)
	}
	s.WantStored("/file", old)
	s.WantStoredNames("/", "file")
}

func ftpCode(err error, codes ...int) bool { return slices.Contains(codes, ftpclient.CodeOf(err)) }

// talkTelnet proves that Telnet commands between lines and within them do no
// harm (RFC 1123, 4.1.2.12).
func talkTelnet(s *session) {
	s.k.Raw("\xff\xf1NOOP\r\n").Expect(200)         // IAC NOP
	s.k.Raw("\xff\xf4\xff\xf2NOOP\r\n").Expect(200) // IAC IP, IAC DM
	s.k.Raw("\xff\xf4\xf2NOOP\r\n").Expect(200)     // as left by urgent data
	s.k.Raw("\xff\xf4\xffNOOP\r\n").Expect(200)
	s.k.Cmd("ABOR").Expect(225, 226)
	s.k.Raw("\xff\xf4\xff\xf2ABOR\r\n").Expect(225, 226)
	s.k.Cmd("PWD").Expect(257)
}

// talkEnds proves that a line may end with LF and any number of CR before it.
func talkEnds(s *session) {
	for i, end := range []string{"\n", "\r\n", "\r\r\n", "\r\r\r\n"} {
		k := s.talk()
		k.Raw("USER " + s.Login().User + end).Expect(331)
		k.Raw("PASS " + s.Login().Password + end).Expect(230)
		k.Raw(fmt.Sprint("MKD ", i) + end).Expect(257)
	}
	s.WantStoredNames("/", "0", "1", "2", "3")
}

// talkUrgent proves that the server loses no byte from a client that sends the last
// byte of every write as TCP urgent data: of a line, of a file or of a TLS record.
func talkUrgent(s *session) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	for _, data := range []ftpclient.DataMode{ftpclient.EPSV, ftpclient.PASV} {
		k := s.with(func(o *ftpclient.Options) { o.Urgent, o.Data = true, data })
		t := k.Begin("STOR /file")
		for piece := range slices.Chunk(content, 10_001) {
			if _, err := t.Write(piece); err != nil {
				k.fatal("write: %v", err)
			}
		}
		if err := t.Finish(); err != nil {
			k.fatal("STOR: %v", err)
		}
		s.WantStored("/file", content)
		t = k.Begin("STOR /file")
		if _, err := t.Write([]byte("half")); err != nil {
			k.fatal("write: %v", err)
		}
		if r, err := t.Abort(ftpclient.AbortPlain); err != nil || r.Code != 426 {
			k.fatal("ABOR: %s, %v; want 426 and 226", r, err)
		}
		s.WantStored("/file", content)
		k.Cmd("SIZE /file").Expect(213).Says(fmt.Sprint(len(content)))
		k.Cmd("DELE /file").Expect(250)
		k.Cmd("QUIT").Expect(221)
	}
}

// talkLong proves that a line of any length is answered once or ends the
// session, and that no part of it is taken for a command.
func talkLong(s *session) {
	s.StoreFile("/file", []byte("x"), noTime())
	for _, size := range []int{1000, 4000, 5000, 70000} {
		k := s.talk()
		s.login(k)
		name := make([]byte, size)
		for i := range name {
			name[i] = 'a'
		}
		copy(name[size-20:], "\nDELE /file\nMKD /x\n ")
		line := "CWD /" + string(name[:size-21])
		if err := k.Send(line); err != nil {
			continue // the server has hung up already
		}
		r, err := k.Receive()
		if err != nil {
			continue
		}
		if !r.Is(500, 501, 550, 553, 421) {
			k.fatal("a line of %d bytes: %s", size, r)
		}
		if r.Code != 421 {
			k.Cmd("NOOP").Expect(200)
		}
	}
	s.WantStoredNames("/", "file")
}
