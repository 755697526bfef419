package ftptest

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// noTime leaves a file's time to the store.
func noTime() time.Time { return time.Time{} }

func transferConversations() []conversation {
	return []conversation{
		{"ABOR idle", func(s *session) {
			s.k.Cmd("ABOR").Expect(225, 226)
			s.k.Cmd("NOOP").Expect(200)
		}},
		{"ABOR download", talkAborDownload},
		{"ABOR before the connection", talkAborPassive},
		{"NOOP in a transfer", talkNoop},
		{"STAT in a transfer", talkStat},
		{"QUIT in a transfer", talkQuit},
		{"refused without a data connection", talkRefused},
		{"PASV again and again", talkPassiveAgain},
		{"EPSV of every kind", func(s *session) {
			s.k.Cmd("EPSV").Expect(229)
			s.k.Cmd("EPSV 1").Expect(229)
		}},
		{"transfer without PASV", func(s *session) {
			s.StoreFile("/file", []byte("x"), noTime())
			s.k.Cmd("RETR /file").Expect(425, 503)
			s.k.Cmd("STOR /new").Expect(425, 503)
			s.k.Cmd("MLSD").Expect(425, 503)
			s.k.Cmd("NOOP").Expect(200)
			s.WantStoredNames("/", "file")
		}},
		{"REST is for one transfer", talkRest},
		{"REST of nonsense", talkRestNonsense},
		{"ALLO more than came", talkAllo},
		{"data in a download", talkDataInDownload},
		{"vanish at the end", talkVanishAtEnd},
		{"SIZE and MDTM", func(s *session) {
			at := time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)
			s.StoreFile("/file", []byte("12345"), at)
			s.k.Cmd("SIZE /file").Expect(213).Says("5")
			s.k.Cmd("MDTM /file").Expect(213).Says("20200229120000")
			s.k.Cmd("MFMT 20210203040506 /file").Expect(213)
			s.k.Cmd("MDTM /file").Expect(213).Says("20210203040506")
			s.k.Cmd("SIZE /").Expect(550)
			s.k.Cmd("SIZE /none").Expect(550)
			s.k.Cmd("MDTM /none").Expect(550)
			s.k.Cmd("MFMT 2021 /file").Expect(501)
			s.k.Cmd("MFMT 20211332040506 /file").Expect(501)
			s.k.Cmd("MDTM /file").Expect(213).Says("20210203040506")
		}},
		{"LIST and NLST", talkList},
	}
}

func talkAborDownload(s *session) {
	s.StoreFile("/big", make([]byte, 8<<20), noTime())
	styles := []ftpclient.AbortStyle{ftpclient.AbortPlain, ftpclient.AbortTelnet}
	if s.e.options.Security == ftpclient.Plain {
		styles = append(styles, ftpclient.UrgentAborts()...)
	}
	// The client reads nothing more, so the server is stuck in a write; ABOR is
	// answered all the same, long before the time-out of this client.
	k := s.with(func(o *ftpclient.Options) { o.Timeout = patience.Scale(15 * time.Second) })
	for _, style := range styles {
		t := k.Begin("RETR /big")
		if _, err := io.ReadFull(t, make([]byte, 1000)); err != nil {
			k.fatal("read: %v", err)
		}
		r, err := t.Abort(style)
		if err != nil || r.Code != 426 {
			k.fatal("ABOR %s: %s, %v; want 426 and 226", style, r, err)
		}
		k.Cmd("NOOP").Expect(200)
	}
}

// talkAborPassive proves that a client may change its mind between PASV and the
// transfer, and when the data connection never comes.
func talkAborPassive(s *session) {
	s.k.Cmd("EPSV").Expect(229)
	s.k.Cmd("ABOR").Expect(225, 226)
	s.k.Cmd("EPSV").Expect(229)
	// The reply to STOR depends on whether the server waits for the data
	// connection before the 150; ABOR must be answered at once in any case.
	if err := s.k.Send("STOR /new"); err != nil {
		s.k.fatal("STOR: %v", err)
	}
	r := s.k.Cmd("ABOR").Expect(150, 425, 426).Reply()
	if r.Code == 150 {
		r = s.k.Next().Expect(425, 426).Reply()
	}
	s.k.Next().Expect(225, 226)
	s.k.Cmd("NOOP").Expect(200)
	s.WantStoredNames("/")
}

// talkNoop proves that the server answers NOOP during a transfer, and that it
// still notices an ABOR and the loss of the control connection afterwards.
func talkNoop(s *session) {
	t := s.k.Begin("STOR /file")
	s.k.Cmd("NOOP").Expect(200)
	if _, err := t.Write([]byte("content")); err != nil {
		s.k.fatal("write: %v", err)
	}
	s.k.Cmd("NOOP").Expect(200)
	if err := t.Finish(); err != nil {
		s.k.fatal("STOR: %v", err)
	}
	s.WantStored("/file", []byte("content"))

	t = s.k.Begin("STOR /file")
	s.k.Cmd("NOOP").Expect(200)
	if r, err := t.Abort(ftpclient.AbortPlain); err != nil || r.Code != 426 {
		s.k.fatal("ABOR after NOOP: %s, %v; want 426 and 226", r, err)
	}
	t = s.k.Begin("STOR /file")
	s.k.Cmd("NOOP").Expect(200)
	s.k.Close()
	if commits := s.AwaitUploads(3); commits != 1 {
		s.T.Error("an upload was committed whose control connection was lost after a NOOP")
	}
	t.Truncate()
	s.WantStored("/file", []byte("content"))
}

func talkStat(s *session) {
	t := s.k.Begin("STOR /file")
	s.k.Cmd("STAT").Expect(211, 213)
	if err := t.Finish(); err != nil {
		s.k.fatal("STOR: %v", err)
	}
	s.k.Cmd("STAT").Expect(211)
	s.k.Cmd("STAT /file").Expect(213, 212).Says("file")
	s.k.Cmd("STAT /").Expect(212, 213, 211).Says("file")
	s.k.Cmd("STAT /none").Expect(450, 550)
}

// talkQuit proves that QUIT lets the transfer end first (RFC 959, 4.1.1).
func talkQuit(s *session) {
	t := s.k.Begin("STOR /file")
	if err := s.k.Send("QUIT"); err != nil {
		s.k.fatal("QUIT: %v", err)
	}
	if _, err := t.Write([]byte("content")); err != nil {
		s.k.fatal("write after QUIT: %v", err)
	}
	if err := t.Finish(); err != nil {
		s.k.fatal("STOR: %v", err)
	}
	s.k.Next().Expect(221)
	s.k.End()
	s.WantStored("/file", []byte("content"))
}

// talkRefused proves that the server refuses a command without waiting for the
// data connection, and that it does not use the data connection of a refused
// command for the next transfer.
func talkRefused(s *session) {
	s.StoreFile("/file", []byte("content"), noTime())
	// The data connection of the refused command may already be in the server's
	// queue at the next PASV or EPSV. This is a race, so there are several rounds.
	for _, refused := range []struct{ name, line string }{
		{"RETR of nothing", "RETR /none"},
		{"MLSD of nothing", "MLSD /none"},
		{"LIST of nothing", "LIST /none"},
		{"STOR on the root", "STOR /"},
		{"APPE on the root", "APPE /"},
		{"RETR of no name", "RETR a\x01b"},
		{"MLSD of no name", "MLSD a\x01b"},
		{"STOR to no name", "STOR a\x01b"},
		{"RETR with a long line", "RETR " + strings.Repeat("x/", 2000)},
		{"RETR without a name", "RETR"},
		{"an unknown command", "XYZZY"},
	} {
		k := s.talk()
		s.login(k)
		for round := range 4 {
			want := fmt.Sprintf("content %d after %s", round, refused.name)
			if _, err := k.Transfer(refused.line, 0); !ftpCode(err, 500, 501, 550, 553) {
				s.T.Fatalf("%s: %.200v, want a refusal", refused.name, err)
			}
			if err := k.Put("/file", strings.NewReader(want)); err != nil {
				s.T.Fatalf("STOR after %s: %v", refused.name, err)
			}
			s.WantStored("/file", []byte(want))
			if _, err := k.Transfer(refused.line, 0); !ftpCode(err, 500, 501, 550, 553) {
				s.T.Fatalf("%s: %.200v, want a refusal", refused.name, err)
			}
			var got bytes.Buffer
			if _, err := k.Get("/file", 0, &got); err != nil || got.String() != want {
				s.T.Fatalf("RETR after %s: %q, %v; want %q", refused.name, got.String(), err, want)
			}
		}
		k.Close()
	}
	// This comes last: the port stays reserved for a while. The client waits for far
	// longer than a refusal takes.
	k := s.with(func(o *ftpclient.Options) { o.Timeout = patience.Scale(15 * time.Second) })
	k.Cmd("EPSV").Expect(229)
	k.Cmd("RETR /none").Expect(550)
	k.Cmd("NOOP").Expect(200)
}

func talkPassiveAgain(s *session) {
	for range 20 {
		s.k.Cmd("EPSV").Expect(229)
		s.k.Cmd("PASV").Expect(227)
	}
	if err := s.k.Put("/file", bytes.NewReader([]byte("x"))); err != nil {
		s.k.fatal("STOR: %v", err)
	}
	s.WantStored("/file", []byte("x"))
}

func talkRest(s *session) {
	s.StoreFile("/file", []byte("0123456789"), noTime())
	get := func(want string) {
		s.T.Helper()
		var got bytes.Buffer
		if _, err := s.k.Get("/file", 0, &got); err != nil || got.String() != want {
			s.k.fatal("RETR: %q, %v; want %q", got.String(), err, want)
		}
	}
	s.k.Cmd("REST 5").Expect(350)
	get("56789")
	get("0123456789")
	s.k.Cmd("REST 5").Expect(350)
	s.k.Cmd("REST 0").Expect(350)
	get("0123456789")
	// A refused transfer uses it up too.
	s.k.Cmd("REST 5").Expect(350)
	if _, err := s.k.Transfer("RETR /none", 0); !ftpCode(err, 550) {
		s.k.fatal("RETR of nothing: %v, want 550", err)
	}
	get("0123456789")
}

// talkRestNonsense proves that no number makes a transfer begin where there is
// nothing: REST refuses it, or the transfer does.
func talkRestNonsense(s *session) {
	s.StoreFile("/file", []byte("0123456789"), noTime())
	s.k.Cmd("REST x").Expect(501, 550)
	s.k.Cmd("REST").Expect(501, 550)
	for _, arg := range []string{"-1", "-9223372036854775808", "9223372036854775807", "99999999999999999999"} {
		for _, command := range []string{"RETR /file", "STOR /file"} {
			if s.k.Cmd("REST "+arg).Expect(350, 501, 550, 554).Reply().Code != 350 {
				continue
			}
			if _, err := s.k.Transfer(command, 0); !ftpCode(err, 501, 554) {
				s.k.fatal("%s after REST %s: %v, want a refusal", command, arg, err)
			}
		}
	}
	s.WantStored("/file", []byte("0123456789"))
}

// talkAllo proves that an upload with fewer bytes than the client announced is
// not taken for whole.
func talkAllo(s *session) {
	s.StoreFile("/file", []byte("old"), noTime())
	s.k.Cmd("ALLO 10").Expect(200, 202)
	t := s.k.Begin("STOR /file")
	if _, err := t.Write([]byte("12345")); err != nil {
		s.k.fatal("write: %v", err)
	}
	if err := t.Finish(); !ftpCode(err, 426, 451, 552) {
		s.k.fatal("STOR with half of what ALLO announced: %v, want a refusal", err)
	}
	s.WantStored("/file", []byte("old"))
	// The announcement was for that one.
	if err := s.k.Put("/file", bytes.NewReader([]byte("12345"))); err != nil {
		s.k.fatal("STOR: %v", err)
	}
	s.k.Cmd("ALLO 5").Expect(200, 202)
	if err := s.k.Put("/file", bytes.NewReader([]byte("54321"))); err != nil {
		s.k.fatal("STOR: %v", err)
	}
	s.WantStored("/file", []byte("54321"))
}

// talkDataInDownload proves that what the client sends on the data connection of
// a download does no harm. TCP may answer it with a RST, which can cost the
// client the file, but not the session.
func talkDataInDownload(s *session) {
	s.StoreFile("/file", []byte("content"), noTime())
	t := s.k.Begin("RETR /file")
	// The server may have gone already.
	_, _ = t.Write([]byte("STOR /evil\r\n"))
	got, err := io.ReadAll(t)
	if err == nil && string(got) != "content" {
		s.k.fatal("RETR: %q", got)
	}
	if err := t.Finish(); err != nil && !ftpCode(err, 426) {
		s.k.fatal("RETR: %v", err)
	}
	s.k.Cmd("NOOP").Expect(200)
	s.WantStoredNames("/", "file")
}

// talkVanishAtEnd proves that an upload is not committed when the client ends after
// its last byte: both connections are closed in the orderly way, the control
// connection first.
func talkVanishAtEnd(s *session) {
	s.StoreFile("/file", []byte("old"), noTime())
	for i := range 20 {
		k := s.talk()
		s.login(k)
		t := k.Begin("STOR /file")
		if _, err := t.Write([]byte("part of it")); err != nil {
			k.fatal("write: %v", err)
		}
		k.Close()
		t.Close()
		if commits := s.AwaitUploads(i + 1); commits != 0 {
			s.T.Fatal("an upload was committed whose client died")
		}
	}
	s.WantStored("/file", []byte("old"))
}

func talkList(s *session) {
	at := time.Date(2019, 3, 4, 5, 6, 0, 0, time.UTC)
	s.StoreFile("/dir/a b", []byte("12345"), at)
	s.StoreFile("/dir/sub/file", []byte("1"), at)
	want := map[string]ftpclient.Entry{
		"a b": {Name: "a b", Type: "file", Size: 5, ModTime: time.Date(2019, 3, 4, 0, 0, 0, 0, time.UTC)},
		"sub": {Name: "sub", Type: "dir"},
	}
	for _, arg := range []string{"/dir", "-la /dir", "-a /dir", "/dir/"} {
		entries, err := s.k.List(arg, time.Now())
		if err != nil {
			s.k.fatal("LIST %s: %v", arg, err)
		}
		seen := 0
		for _, e := range entries {
			w, ok := want[e.Name]
			if !ok {
				continue // "." and ".." are allowed
			}
			seen++
			if e.Type != w.Type || (w.Type == "file" && (e.Size != w.Size || !e.ModTime.Equal(w.ModTime))) {
				s.T.Errorf("LIST %s: %+v, want %+v", arg, e, w)
			}
		}
		if seen != len(want) {
			s.T.Errorf("LIST %s: %+v, want %d entries", arg, entries, len(want))
		}
	}
	s.k.Cmd("CWD /dir").Expect(250)
	for _, arg := range []string{"", "-l", "-la"} {
		if entries, err := s.k.List(arg, time.Now()); err != nil || len(entries) < 2 {
			s.T.Errorf("LIST %s in /dir: %+v, %v", arg, entries, err)
		}
	}
	names, err := s.k.NLST("")
	if err != nil || len(names) != 2 {
		s.T.Errorf("NLST: %q, %v; want two names", names, err)
	}
	entries, err := s.k.List("/dir/a b", time.Now())
	if err != nil || len(entries) != 1 || entries[0].Size != 5 {
		s.T.Errorf("LIST of a file: %+v, %v", entries, err)
	}
	if _, err := s.k.List("/none", time.Now()); !ftpCode(err, 550, 450) {
		s.T.Errorf("LIST of nothing: %v, want 550", err)
	}
	if _, err := s.k.NLST("/none"); !ftpCode(err, 550, 450) {
		s.T.Errorf("NLST of nothing: %v, want 550", err)
	}
}
