package ftptest

import (
	"bytes"
	"crypto/tls"
	"io"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

func tlsConversations(mode ftpclient.Security) []conversation {
	all := []conversation{
		{"TLS versions", talkTLSVersions},
		{"data sessions resume", talkResume},
		{"both handshake orders", talkHandshakeOrders},
		{"close_notify ends a download", talkCloseNotify},
		{"AUTH in TLS", func(s *session) {
			s.k.Cmd("AUTH TLS").Expect(5)
			s.k.Cmd("NOOP").Expect(200)
		}},
		{"clear data", func(s *session) {
			s.k.Cmd("PROT C").Expect(5)
			if err := s.k.Put("/file", bytes.NewReader([]byte("x"))); err != nil {
				s.k.fatal("STOR after a refused PROT C: %v", err)
			}
		}},
		{"PROT of nonsense", func(s *session) {
			s.k.Cmd("PROT S").Expect(5)
			s.k.Cmd("PROT X").Expect(5)
			s.k.Cmd("PROT").Expect(5)
			if err := s.k.Put("/file", bytes.NewReader([]byte("x"))); err != nil {
				s.k.fatal("STOR after a refused PROT: %v", err)
			}
		}},
	}
	if mode == ftpclient.Explicit {
		all = append(all,
			conversation{"no login in clear", talkClearLogin},
			conversation{"commands behind AUTH", talkInjection},
			conversation{"FEAT offers TLS", func(s *session) {
				o := s.e.clientOptions()
				o.Security = ftpclient.Plain
				NewTalk(s.T, s.Addr(), o).Cmd("FEAT").Expect(211).Says("AUTH TLS")
				s.k.Cmd("FEAT").Expect(211).Says("PROT")
			}},
		)
	}
	return all
}

func talkTLSVersions(s *session) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		k := s.with(func(o *ftpclient.Options) { o.TLS.MinVersion, o.TLS.MaxVersion = version, version })
		data := bytes.Repeat([]byte("tls"), 100_000)
		if err := k.Put("/file", bytes.NewReader(data)); err != nil {
			k.fatal("%s: STOR: %v", tls.VersionName(version), err)
		}
		var got bytes.Buffer
		if _, err := k.Get("/file", 0, &got); err != nil || !bytes.Equal(got.Bytes(), data) {
			k.fatal("%s: RETR: %d bytes, %v", tls.VersionName(version), got.Len(), err)
		}
	}
	o := s.e.clientOptions()
	o.TLS.MinVersion, o.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if c, err := ftpclient.Dial(s.T.Context(), s.Addr(), o); err == nil {
		c.Close()
		s.T.Error("a session with TLS 1.1: no error")
	}
}

// talkResume proves that data connections can continue the session of the
// control connection, and need not.
func talkResume(s *session) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		k := s.with(func(o *ftpclient.Options) { o.TLS.MaxVersion = version })
		for range 3 {
			t := k.Begin("STOR /file")
			if state, ok := t.TLSState(); !ok || !state.DidResume {
				s.T.Errorf("%s: the data connection did not resume", tls.VersionName(version))
			}
			if err := t.Finish(); err != nil {
				k.fatal("STOR: %v", err)
			}
		}
	}
	k := s.with(func(o *ftpclient.Options) { o.TLS.ClientSessionCache = nil })
	if err := k.Put("/file", bytes.NewReader([]byte("x"))); err != nil {
		k.fatal("STOR without resumption: %v", err)
	}
}

// talkHandshakeOrders proves that clients which start TLS before the command
// and clients which wait for the 150 are both served, and that refusals confuse
// neither.
func talkHandshakeOrders(s *session) {
	for _, first := range []bool{false, true} {
		k := s.with(func(o *ftpclient.Options) { o.HandshakeFirst = first })
		for range 5 {
			if err := k.Put("/file", bytes.NewReader([]byte("content"))); err != nil {
				k.fatal("STOR: %v", err)
			}
			if _, err := k.Transfer("RETR /none", 0); !ftpCode(err, 550) {
				k.fatal("RETR of nothing: %v, want 550", err)
			}
			if _, err := k.MLSD("/"); err != nil {
				k.fatal("MLSD: %v", err)
			}
			if _, err := k.Get("/file", 0, io.Discard); err != nil {
				k.fatal("RETR: %v", err)
			}
		}
	}
}

// talkCloseNotify proves that a client can distinguish the end of a file from a truncation:
// the server sends close_notify, for an empty file and a listing too. The
// client returns an error where it is missing.
func talkCloseNotify(s *session) {
	s.StoreFile("/dir/empty", nil, noTime())
	s.StoreFile("/dir/file", make([]byte, 100_000), noTime())
	for _, command := range []string{"RETR /dir/empty", "RETR /dir/file", "MLSD /dir"} {
		t, err := s.k.Transfer(command, 0)
		if err == nil {
			_, err = io.Copy(io.Discard, t.Retrieve())
		}
		if err != nil {
			s.k.fatal("%s: %v", command, err)
		}
	}
}

// talkClearLogin proves that passwords are not taken in clear where TLS is
// required.
func talkClearLogin(s *session) {
	o := s.e.clientOptions()
	o.Security = ftpclient.Plain
	k := NewTalk(s.T, s.Addr(), o)
	k.Cmd("USER "+s.Login().User).Expect(421, 522, 530, 534, 550)
	if err := k.Send("PASS " + s.Login().Password); err != nil {
		return
	}
	if r, err := k.Receive(); err == nil && r.Is(2) {
		k.fatal("login in clear: %s", r)
	}
}

// talkInjection proves that what was sent in clear behind AUTH is not taken for
// a command of the protected session: it is dropped, or the session ends.
func talkInjection(s *session) {
	o := s.e.clientOptions()
	o.Security = ftpclient.Plain
	k := NewTalk(s.T, s.Addr(), o)
	l := s.Login()
	k.Raw("AUTH TLS\r\nUSER " + l.User + "\r\nPASS " + l.Password + "\r\nMKD /evil\r\n")
	if k.Reply().Code == 234 && k.StartTLS() == nil {
		if r, err := k.Conn.Cmd("PWD"); err == nil && r.Code != 530 {
			k.fatal("PWD after AUTH with commands behind it: %s, want 530", r)
		}
	}
	s.WantStoredNames("/")
}
