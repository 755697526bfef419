package ftp_test

import (
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// difference is one thing that the table's entry for verb is there for: what
// the library alone shows to the probe, and what a client of ours sees. Both
// are regular expressions.
type difference struct {
	verb          string
	probe         probe
	alone, filter string
}

func differences() []difference {
	const missing = "502"
	all := []difference{
		{"USER", lines("USER other"), "331", "503"},
		{"ACCT", lines("ACCT x"), missing, "202"},
		{"REIN", lines("REIN"), missing, "220"},
		{"NOOP", noopInTransfer, "226", "200"},
		// The library answers 425 when it has waited its second for the data connection
		// before it reads ABOR.
		{"ABOR", first("STOR x", "ABOR"), "226|425", "150|426"},
		{"FEAT", lines("FEAT"), `(?s).*\n MLST\n.*`, `(?s).* MLST type\*.*`},
		{"FEAT", lines("FEAT"), `(?s).*\n (CRC32|MD5|SHA-|SHA).*`, `(?s).* HASH SHA-256\*.*`},
		{"OPTS", lines("OPTS MLST type;"), "500", "200 MLST OPTS"},
		{"OPTS", lines("OPTS UTF8 OFF"), "200", "504"},
		{"HELP", lines("HELP"), missing, "214"},
		{"SITE", lines("SITE CHMOD"), "500 .*panic|500 Unhandled", "501"},
		{"SITE", lines("SITE UTIME 20200102030405 /dir/file"), "500", "213"},
		{"SITE", lines("SITE MKDIR /made"), "250", "504"},
		{"AUTH", lines("AUTH GSSAPI"), "234", "50"},
		{"PBSZ", lines("PBSZ 0"), "200", "503"},
		{"PROT", lines("PROT S"), "200", "503"},
		{"MODE", lines("MODE s"), "504", "200"},
		{"STRU", lines("STRU F"), missing, "200"},
		{"REST", lines("REST -1"), "350", "501"},
		{"REST", restOverList, "ent", "content"},
		{"RNTO", lines("RNFR /dir/file", "NOOP", "RNTO /moved"), "250", "503"},
		{"RNTO", lines("RNFR /dir/file", "DELE /dir/file", "RNTO /moved", "RNTO /moved"), "550", "503"},
		{"ALLO", lines("ALLO 5 R 10"), "501", "200"},
		{"PASV", portsOf("PASV"), "different", "same"},
		{"EPSV", lines("EPSV 3"), "229", "522"},
		{"PORT", lines("PORT 127,0,0,1,0,22"), "200", missing},
		{"EPRT", lines("EPRT |2|127.0.0.1|5000|"), "200", missing},
		{"RETR", first("RETR /dir/file"), "[^1]", "150"},
		{"STOR", first("STOR x"), "[^1]", "150"},
		{"APPE", first("APPE x"), "[^1]", "150"},
		{"STOU", lines("EPSV", "STOU"), missing, "150 FILE: "},
		{"LIST", first("LIST"), "[^1]", "150"},
		{"NLST", first("NLST"), "[^1]", "150"},
		{"MLSD", first("MLSD"), "[^1]", "150"},
		{"MLST", lines("MLST /dir/file"), `(?s).*; file\n.*`, `(?s).*; /dir/file\n.*`},
		{"STAT", lines("STAT /dir"), `(?s).*%s-rw.*`, `(?s)212.*\n -rw[^%]*`},
		{"XCUP", lines("XCUP"), missing, "250"},
		{"MDTM", lines("MDTM 20200102030405 /dir/file"), "550", "213"},
		{"MFMT", lines("MFMT 20200102030405"), "500", "501"},
		{"HASH", lines("CWD /dir", "HASH file"), "550", "213 SHA-256 0-7 "},
		{"XMD5", lines("CWD /dir", "XMD5 file"), "550", "250 9a0364b9e99bb480dd25e1f0284c8555$"},
		{"XCRC", lines("CWD /dir", "XCRC file"), "550", "250 "},
		{"XSHA", lines("CWD /dir", "XSHA file"), "550", "250 040f06fd774092478d450774f5ba30c5da78acc8$"},
		{"XSHA1", lines("CWD /dir", "XSHA1 file"), "550", "250 040f06fd774092478d450774f5ba30c5da78acc8$"},
		{"XSHA256", lines("CWD /dir", "XSHA256 file"), "550", "250 ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73$"},
		{"XSHA512", lines("CWD /dir", "XSHA512 file"), "550", "250 "},
		{"MD5", lines("MD5 /dir/file"), "250", missing},
		{"CCC", lines("CCC"), missing, "533"},
		{"ADAT", lines("ADAT x"), missing, "503"},
		{"MIC", lines("MIC x"), missing, "537"},
		{"ENC", lines("ENC x"), missing, "537"},
		{"CONF", lines("CONF x"), missing, "537"},
		{"LPRT", lines("LPRT 1"), "500", missing},
		{"AVBL", lines("AVBL"), "202", missing},
		{"HOST", lines("HOST x"), missing, "502 No host has users of its own"},
	}
	for _, verb := range []string{"LANG", "SMNT", "MFF", "MFCT", "COMB", "LPSV"} {
		all = append(all, difference{verb, lines(verb + " x"), missing, missing})
	}
	return all
}

// Every entry of the table that is not simply passed on has its reason. When
// the library alone does better than is recorded here, the entry can go.
func TestTheLibraryAlone(t *testing.T) {
	t.Parallel()
	notes, refused := ftp.LibraryNotes(), ftp.Refused()
	seen := map[string]bool{}
	for _, d := range differences() {
		if _, ok := notes[d.verb]; !ok {
			t.Errorf("%s: the table says nothing of the library", d.verb)
		}
		seen[d.verb] = true
		t.Run(d.verb, func(t *testing.T) {
			t.Parallel()
			if d.alone == d.filter && !refused[d.verb] {
				t.Error("no difference, and so no reason for the entry")
			}
			if got := d.probe(t, dialAlone(t, startAlone(t))); !regexp.MustCompile("^(" + d.alone + ")").MatchString(got) {
				t.Errorf("the library alone answers %q and no longer %q", got, d.alone)
			}
			if got := d.probe(t, startTogether(t).login(ftpclient.Options{})); !regexp.MustCompile("^(" + d.filter + ")").MatchString(got) {
				t.Errorf("the filter makes %q of it, want %q", got, d.filter)
			}
		})
	}
	for verb, note := range notes {
		if !seen[verb] {
			t.Errorf("%s: nothing shows that the library %s", verb, note)
		}
	}
}

// The same conversation with the library alone and through the filter differs
// only where the table says so.
func TestTheSameConversation(t *testing.T) {
	t.Parallel()
	script := []string{
		"SYST", "CLNT x", "PWD", "XPWD", "CWD /dir", "PWD", "CDUP", "CWD dir", "XCWD /", "CWD /nothing", "CWD /dir/file", "SIZE /dir/file",
		"SIZE dir/file", "SIZE /nothing", "SIZE /dir", "TYPE I", "TYPE L 8", "TYPE A", "TYPE A N", "TYPE X", "TYPE I", "MKD new", "MKD /new/below",
		"XMKD /new/other", "CWD /new/below", "PWD", "CDUP", "PWD", "RMD below", "XRMD other", "RMD /nothing", "CWD /", "RMD new", "CWD new",
		"RNFR /nothing", "RNTO /x", "RNFR /dir/file", "RNTO /dir/moved", "SIZE /dir/moved", "SIZE /dir/file", "RNFR dir", "RNTO renamed",
		"SIZE /renamed/moved", "MDTM /nothing", "REST 5", "REST 0", "DELE /nothing", "DELE /renamed/moved", "SIZE /renamed/moved", "STAT /nothing",
		"MLST /nothing", "FEAT", "NOOP", "OPTS UTF8 ON", "OPTS NOTHING", "MODE S", "MODE B", "XYZZY", "USER other", "ALLO 10", "HASH /nothing", "QUIT",
	}
	notes := ftp.LibraryNotes()
	library, filter := dialAlone(t, startAlone(t)), startTogether(t).login(ftpclient.Options{})
	said := map[string]bool{"PASS": true} // by the login
	for _, line := range script {
		verb, _, _ := strings.Cut(line, " ")
		said[verb] = true
		a, err := library.Cmd(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		b, err := filter.Cmd(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if _, noted := notes[verb]; a.Code != b.Code && !noted {
			t.Errorf("%s: the library answers %v, the filter %v, and the table says nothing of it", line, a, b)
		}
	}
	for _, verb := range ftp.Passed() {
		if !said[verb] {
			t.Errorf("%s is passed on, and not in the conversation", verb)
		}
	}
}

// noopInTransfer observes what is answered first: a NOOP that was sent while a
// transfer ran, or the transfer.
func noopInTransfer(t *testing.T, c *ftpclient.Conn) string {
	t.Helper()
	tr, err := c.Transfer("STOR /noop", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if err := c.Send("NOOP"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(tr, "x"); err != nil {
		t.Fatal(err)
	}
	if err := tr.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	r, err := c.Receive()
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(r.Code)
}

// portsOf observes whether two passive commands give the same port.
func portsOf(command string) probe {
	return func(t *testing.T, c *ftpclient.Conn) string {
		t.Helper()
		ask := lines(command)
		if before := ask(t, c); ask(t, c) == before {
			return "same"
		}
		return "different"
	}
}

// restOverList observes what a download gets when a listing came between it and
// the REST.
func restOverList(t *testing.T, c *ftpclient.Conn) string {
	t.Helper()
	if _, err := c.Do("REST 4", 350); err != nil {
		t.Fatal(err)
	}
	if _, err := c.NLST("/dir"); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := c.Get("/dir/file", 0, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
