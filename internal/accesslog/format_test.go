package accesslog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// errNotAllowed is the cause of a refusal by a setting.
var errNotAllowed = &vfs.SettingError{Setting: "allow", Err: errors.New("user may not")}

// at is the time of all events of the tests.
var at = time.Date(2026, 11, 27, 0, 2, 16, 345e6, time.UTC)

// client returns a session whose lines have all fields.
func client() *session.Session {
	s := session.New("ftp", "ftp.public", netip.MustParseAddrPort("203.0.113.9:50321"))
	s.ID, s.Local, s.Started = "ABCDEFGHIJ", netip.MustParseAddrPort("192.0.2.1:21"), at
	s.AsksFor("ftp.contoso.example")
	s.Claims("camera 02")
	return s
}

// events returns one event for each row of the golden files.
func events(s *session.Session) []observe.Event {
	of := func(name observe.Name, e observe.Event) observe.Event {
		e.Name, e.Time, e.Protocol, e.Frontend, e.Session, e.Remote = name, at, s.Protocol, s.Frontend, s, s.Remote
		return e
	}
	user := session.User{Tenant: "contoso", Name: "camera 02"}
	op := func(op, command, path string, e observe.Event) observe.Event {
		e.Op, e.Command, e.Path, e.User, e.Backend = op, command, path, user, "azblob.ingest"
		e.Duration = max(e.Duration, 1500*time.Millisecond)
		return of(observe.OperationFinished, e)
	}
	receipt := &vfs.Receipt{URL: "https://contoso.blob.core.windows.net/in/a%20b.jpg", ETag: "0x8DC0FFEE", CRC64: "0123456789abcdef", Type: vfs.TypeFile, Size: 3837994}
	canceled := observe.Failure{Err: vfs.NewError(vfs.KindCanceled, errors.New("the data connection broke"))}
	return []observe.Event{
		of(observe.SessionStarted, observe.Event{}),
		of(observe.LoginRefused, observe.Event{Login: "camera 02", Method: "password", Failure: observe.Failure{Cause: "wrong_password"}}),
		of(observe.LoginSucceeded, observe.Event{User: user, Failure: observe.Failure{Attrs: []slog.Attr{slog.Bool("tls", true)}}}),
		op("stat", "SIZE", "/a", observe.Event{}),
		op("write", "STOR", "/a b+c%.jpg", observe.Event{Bytes: 3837994, Requests: 3, Receipt: receipt, Duration: 2600 * time.Millisecond}),
		op("read", "RETR", "/é\u00a0\x01.txt", observe.Event{Bytes: 17, Root: "/home/camera"}),
		op("read", "RETR", "/half", observe.Event{Bytes: 5, Failure: canceled}),
		op("read", "RETR", "/none", observe.Event{Failure: observe.Failure{Err: vfs.NewError(vfs.KindNotExist, nil)}}),
		op("list", "NLST", "/", observe.Event{Entries: 3}),
		op("rename", "RNTO", "/old", observe.Event{To: "/new"}),
		op("remove", "DELE", "/new", observe.Event{Receipt: receipt}),
		op("remove", "", "/dir", observe.Event{Receipt: &vfs.Receipt{Type: vfs.TypeDir}}),
		op("copy", "", "/x", observe.Event{To: "/y", Bytes: 3}),
		op("mkdir", "", "/d", observe.Event{Failure: observe.Failure{Err: vfs.NewError(vfs.KindPermission, errNotAllowed), Setting: "allow"}}),
		of(observe.CommandRefused, observe.Event{User: user, Op: "STOR", Path: "/x.exe", Reason: "550 Not allowed", Failure: observe.Failure{Setting: "deny_names"}}),
		of(observe.SessionRefused, observe.Event{Reason: "too many"}),
		of(observe.SessionEnded, observe.Event{User: user, Reason: session.EndClient, Duration: time.Minute}),
		{Name: observe.SessionKicked, Time: at, Session: s, Remote: s.Remote, User: user, Reason: "127.0.0.1:4711"},
		{Name: observe.ConfigurationChanged, Time: at, Failure: observe.Failure{Attrs: []slog.Attr{slog.String("changed", "users +1 -0 ~0")}}},
	}
}

// written returns what a log has of the events.
func written(o Options, events []observe.Event) string {
	var f formatter
	switch o.Format {
	case W3C:
		f = newW3C("node-1")
	case Xferlog:
		f = xferlog{}
	case JSON:
		f = &jsonFormat{node: "node-1"}
	}
	var text []byte
	for _, e := range events {
		if o.has(e) {
			text = f.append(text, e)
		}
	}
	return string(text)
}

// wantLines compares the lines of a log.
func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	lines := strings.SplitAfter(got, "\n")
	for i := range max(len(lines)-1, len(want)) {
		switch {
		case i >= len(want):
			t.Errorf("one line more: %q", lines[i])
		case i >= len(lines)-1:
			t.Errorf("a line is missing: %q", want[i])
		case lines[i] != want[i]:
			t.Errorf("line %d is\n%q, want\n%q", i+1, lines[i], want[i])
		}
	}
}

// The lines of IIS: every field in its order, CRLF, UTC, "-" and "+"; what would break a line
// is encoded.
func TestW3C(t *testing.T) {
	if got, want := string(newW3C("").header(at)), "#Software: Tidegate\r\n#Version: 1.0\r\n#Date: 2026-11-27 00:02:16\r\n"+
		"#Fields: date time c-ip c-port cs-username s-sitename s-computername cs-host s-ip s-port cs-method cs-uri-stem "+
		"sc-status sc-win32-status sc-substatus sc-bytes cs-bytes time-taken x-session x-fullpath x-debug x-protocol x-tenant x-backend x-error-kind x-store-requests\r\n"; got != want {
		t.Errorf("the header is\n%q, want\n%q", got, want)
	}
	const before = "2026-11-27 00:02:16 203.0.113.9 50321 - ftp.public node-1 ftp.contoso.example 192.0.2.1 21 "
	const after = "2026-11-27 00:02:16 203.0.113.9 50321 contoso\\camera+02 ftp.public node-1 ftp.contoso.example 192.0.2.1 21 "
	overSFTP := client()
	overSFTP.Protocol = "sftp"
	got := written(Options{Format: W3C}, events(overSFTP))
	wantLines(t, got,
		before+"ControlChannelOpened - - 0 0 0 0 0 ABCDEFGHIJ - - sftp - - - 0\r\n",
		before+"USER camera+02 331 0 0 0 0 0 ABCDEFGHIJ - - sftp - - - 0\r\n",
		before+"PASS *** 530 1326 41 0 0 0 ABCDEFGHIJ - wrong_password sftp - - - 0\r\n",
		before+"USER camera+02 331 0 0 0 0 0 ABCDEFGHIJ - - sftp - - - 0\r\n",
		after+"PASS *** 230 0 0 0 0 0 ABCDEFGHIJ - - sftp contoso - - 0\r\n",
		after+"STOR /a+b%2Bc%25.jpg 226 0 0 0 3837994 2600 ABCDEFGHIJ /a+b%2Bc%25.jpg - sftp contoso azblob.ingest - 3\r\n",
		after+"RETR /é%C2%A0%01.txt 226 0 0 17 0 1500 ABCDEFGHIJ /home/camera/é%C2%A0%01.txt - sftp contoso azblob.ingest - 0\r\n",
		after+"RETR /half 426 1236 0 5 0 1500 ABCDEFGHIJ /half "+field(vfs.ReasonOf(vfs.NewError(vfs.KindCanceled, nil)))+" sftp contoso azblob.ingest canceled 0\r\n",
		after+"RETR /none 550 2 0 0 0 1500 ABCDEFGHIJ /none "+field(vfs.ReasonOf(vfs.NewError(vfs.KindNotExist, nil)))+" sftp contoso azblob.ingest "+field(vfs.KindNotExist.String())+" 0\r\n",
		after+"NLST / 226 0 0 0 0 1500 ABCDEFGHIJ / - sftp contoso azblob.ingest - 0\r\n",
		after+"RNFR /old 350 0 0 0 0 0 ABCDEFGHIJ /old - sftp contoso azblob.ingest - 0\r\n",
		after+"RNTO /new 250 0 0 0 0 1500 ABCDEFGHIJ /new - sftp contoso azblob.ingest - 0\r\n",
		after+"DELE /new 250 0 0 0 0 1500 ABCDEFGHIJ /new - sftp contoso azblob.ingest - 0\r\n",
		after+"RMD /dir 250 0 0 0 0 1500 ABCDEFGHIJ /dir - sftp contoso azblob.ingest - 0\r\n",
		after+"CPFR /x 350 0 0 0 0 0 ABCDEFGHIJ /x - sftp contoso azblob.ingest - 0\r\n",
		after+"CPTO /y 250 0 0 0 0 1500 ABCDEFGHIJ /y - sftp contoso azblob.ingest - 0\r\n",
		after+"MKD /d 550 5 0 0 0 1500 ABCDEFGHIJ /d "+field(vfs.ReasonOf(vfs.NewError(vfs.KindPermission, nil)))+" sftp contoso azblob.ingest "+field(vfs.KindPermission.String())+" 0\r\n",
		after+"STOR /x.exe 550 0 0 0 0 0 ABCDEFGHIJ - deny_names sftp contoso - - 0\r\n",
		after+"ControlChannelClosed - - 0 0 0 0 60000 ABCDEFGHIJ - "+field(session.EndClient)+" sftp contoso - - 0\r\n",
	)
	fields := len(strings.Fields(w3cFields))
	for line := range strings.Lines(got) {
		if n := len(strings.Split(strings.TrimSuffix(line, "\r\n"), " ")); n != fields {
			t.Errorf("%d values for %d fields: %q", n, fields, line)
		}
	}
}

// field is a text as a line of W3C has it.
func field(text string) string { return string(appendText(nil, text)[1:]) }

// A connection that says nothing, as of a load balancer, has no line, and nothing remains of
// it.
func TestW3CSilentSession(t *testing.T) {
	s, w := client(), newW3C("")
	var text []byte
	for _, e := range []observe.Event{{Name: observe.SessionStarted, Session: s}, {Name: observe.SessionEnded, Session: s, Silent: true}} {
		text = w.append(text, e)
	}
	if len(text) > 0 || len(w.sessions) > 0 {
		t.Errorf("%q, %d sessions remain", text, len(w.sessions))
	}
}

// The lines of xferlog(5), with one word for each of the 14 fields behind the time.
func TestXferlog(t *testing.T) {
	all := events(client())
	for i := range all {
		all[i].Time = all[i].Time.In(time.FixedZone("CET", 3600)) // they have the local time
	}
	got := written(Options{Format: Xferlog}, all)
	wantLines(t, got,
		`Fri Nov 27 01:02:16 2026 3 203.0.113.9 3837994 /a_b+c%.jpg b _ i r contoso\camera_02 ftp 0 * c`+"\n",
		`Fri Nov 27 01:02:16 2026 2 203.0.113.9 17 /home/camera/é__.txt b _ o r contoso\camera_02 ftp 0 * c`+"\n",
		`Fri Nov 27 01:02:16 2026 2 203.0.113.9 5 /half b _ o r contoso\camera_02 ftp 0 * i`+"\n",
		`Fri Nov 27 01:02:16 2026 2 203.0.113.9 3837994 /new b _ d r contoso\camera_02 ftp 0 * c`+"\n",
	)
}

func TestJSON(t *testing.T) {
	got := written(Options{Format: JSON}, events(client()))
	const session = `"node":"node-1","session":"ABCDEFGHIJ","proto":"ftp","frontend":"ftp.public","remote_ip":"203.0.113.9","remote_port":50321,"tenant":"contoso","user":"camera 02",`
	lines := strings.SplitAfter(got, "\n")
	wantLines(t, lines[0],
		`{"time":"2026-11-27T00:02:16.345Z","event":"operation_finished",`+session+`"op":"write","command":"STOR","path":"/a b+c%.jpg","backend":"azblob.ingest",`+
			`"bytes":3837994,"dur_ms":2600,"store_requests":3,"status":226,"result":"ok","url":"https://contoso.blob.core.windows.net/in/a%20b.jpg","etag":"0x8DC0FFEE",`+
			`"crc64":"0123456789abcdef","type":"file","size":3837994}`+"\n")
	if n := len(lines) - 1; n != 10 {
		t.Errorf("%d lines for 10 operations:\n%s", n, got)
	}
}

// An audit has logins, refusals, ends, kicks and changes of the configuration beside the
// operations with their receipts.
func TestAudit(t *testing.T) {
	got := written(Options{Format: JSON, Audit: true}, events(client()))
	for _, want := range []string{
		`"event":"login_refused"`, `"cause":"wrong_password"`, `"event":"login_succeeded"`, `"event":"command_refused"`, `"setting":"deny_names"`,
		`"event":"session_ended"`, `"event":"session_kicked"`, `"reason":"127.0.0.1:4711"`, `"event":"configuration_changed"`,
		`"details":{"changed":"users +1 -0 ~0"}`, `"crc64":"0123456789abcdef"`, `"details":{"tls":true}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(got, "session_refused") || strings.Contains(got, `"op":"stat"`) {
		t.Error("the audit has what no user has done")
	}
}

// Any text of a client is one member of the object, as encoding/json would write it.
func TestJSONTexts(t *testing.T) {
	j := &jsonFormat{}
	for _, text := range []string{
		"/plain ~!#[]^", `/a"b`, `/a\b`, "/a\nb\r\t\x00\x1b[2J\x7f", "/größe/日本/\U0001f600", "/\xff\xfe", "/<&>", "/a\u2028b", strings.Repeat("x", 70_000),
	} {
		var line struct{ Path string }
		written := j.append(nil, observe.Event{Name: observe.OperationFinished, Op: "mkdir", Path: text})
		if err := json.Unmarshal(written, &line); err != nil {
			t.Errorf("%q: %v: %s", text, err, written)
		}
		if want := strings.ToValidUTF8(text, "\ufffd"); strings.ReplaceAll(line.Path, "\ufffd\ufffd", "\ufffd") != want {
			t.Errorf("%q is read as %q", text, line.Path)
		}
		if n := bytes.Count(written, []byte{'\n'}); n != 1 || written[len(written)-1] != '\n' {
			t.Errorf("%q makes %d lines", text, n)
		}
	}
}

// What an event costs the session that reports it, and the goroutine that writes it.
func BenchmarkRecord(b *testing.B) {
	e := events(client())[4]
	for _, format := range []Format{W3C, Xferlog, JSON} {
		b.Run("format/"+string(format), func(b *testing.B) {
			var f formatter
			switch format {
			case W3C:
				f = newW3C("node-1")
			case Xferlog:
				f = xferlog{}
			case JSON:
				f = &jsonFormat{node: "node-1"}
			}
			var text []byte
			for b.Loop() {
				text = f.append(text[:0], e)
			}
		})
	}
	b.Run("session", func(b *testing.B) {
		set := setOf(b, Options{Name: "access_log.a", Format: W3C, File: "/dev/null"})
		for b.Loop() {
			set.Record(context.Background(), e)
		}
	})
}
