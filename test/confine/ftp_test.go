package confine

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// verbs returns the verbs that HELP lists, without those that end the session, change its
// user or wait for a data connection.
func verbs(t testing.TB, s *site) []string {
	t.Helper()
	c, err := ftpclient.Dial(t.Context(), s.ftp, ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	help, err := c.Do("HELP", 214)
	if err != nil {
		t.Fatal(err)
	}
	// Commands that are refused are not in HELP. Some programs send them with paths.
	all := []string{"SMNT", "COMB", "AVBL", "DSIZ", "RMDA", "XRCP", "MDTM", "MFCT", "MFF", "XDEL", "CSID", "THMB", "SITE", "MD5", "MMD5"}
	for _, line := range help.Lines[1 : len(help.Lines)-1] {
		all = append(all, strings.Fields(line)...)
	}
	slices.Sort(all)
	for _, want := range []string{"CWD", "DELE", "HASH", "LIST", "MFMT", "MLST", "RNFR", "RNTO", "SIZE", "STAT", "STOR", "STOU", "XCRC", "XMKD", "XSHA512"} {
		if !slices.Contains(all, want) {
			t.Fatalf("HELP does not list %s: %q", want, all)
		}
	}
	return slices.DeleteFunc(slices.Compact(all), func(verb string) bool {
		return slices.Contains([]string{"USER", "PASS", "ACCT", "REIN", "QUIT", "AUTH", "CCC", "PASV", "EPSV", "PORT", "EPRT", "ABOR", "LPRT", "LPSV"}, verb)
	})
}

// lines returns every command with a path, with text as that path.
func lines(verbs []string, text string) []string {
	var all []string
	for _, verb := range verbs {
		all = append(all, verb+" "+text)
	}
	return append(
		all,
		"CWD "+text, "PWD", "CDUP", "XPWD", "MLST", "STAT .", "CDUP", "SIZE secret", "MLST ab/secret", "CWD /in",
		"CWD "+text, "DELE secret", "MLST secret", "MKD x", "RMD ..", "STAT "+text, "CWD", "CWD ~",
		"RNFR "+text, "RNTO renamed", "RNFR /own", "RNTO "+text, "RNFR "+text, "RNTO "+text, "RNFR /dir", "RNTO "+text, "RNFR renamed", "RNTO /own",
		"MFMT 20260101000000 "+text, "MFCT 20260101000000 "+text, "MFF modify=20260101000000; "+text, "MDTM 20260101000000 "+text,
		"SITE UTIME 20260101000000 "+text, "SITE UTIME "+text+" 20260101000000 20260101000000 20260101000000 UTC", "SITE CHMOD 777 "+text,
		"SITE CPFR "+text, "SITE CPTO "+text, "SITE COPY "+text+" /copy", "SITE SYMLINK "+text+" /link", "SITE MKDIR "+text, "SITE RMDIR "+text, "SITE INDEX "+text,
		"STAT -la "+text, "XCRC "+text+" 0 10", `XMD5 "`+text+`" 0 10`, `XSHA1 "`+text+`"`, "OPTS HASH MD5", "HASH "+text, "RANG 0 9", "HASH "+text, "ALLO 1", "STAT "+text+"/*",
	)
}

// converse sends lines on a connection of its own, as they are, and returns all answers. A
// text can hold anything, also ends of lines, so answers do not belong to lines.
func converse(t testing.TB, s *site, user string, lines []string) []byte {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.ftp)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		// The gateway may end the session before the last line.
		_, _ = io.WriteString(c, "USER "+user+"\r\nPASS "+password+"\r\n"+strings.Join(lines, "\r\n")+"\r\nQUIT\r\n")
	}()
	answers, err := io.ReadAll(c)
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		t.Errorf("no end of the answers to %q", lines)
	}
	_ = c.Close()
	<-sent
	if !bytes.Contains(answers, []byte("\r\n230 ")) {
		t.Fatalf("%s is not logged in: %q", user, answers)
	}
	return answers
}

// transfers runs every command that transfers something, with text as its path, and returns
// what was received.
func transfers(t testing.TB, s *site, user, text string) []byte {
	t.Helper()
	c, err := ftpclient.Dial(t.Context(), s.ftp, ftpclient.Options{})
	if err == nil {
		err = c.Login(user, password)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var received bytes.Buffer
	for _, command := range []string{
		"LIST " + text, "LIST -la " + text, "NLST " + text, "MLSD " + text, "RETR " + text, "STOR " + text, "APPE " + text, "STOU " + text, "CWD " + text,
		"LIST", "NLST ..", "RETR secret", "STOR secret", "STOR x.exe", "APPE ../secret",
	} {
		if strings.HasPrefix(command, "CWD ") {
			if _, err := c.Cmd(command); err != nil {
				t.Errorf("%q: %v", command, err)
				return received.Bytes()
			}
			continue
		}
		err := transfer(c, command, &received)
		if err != nil && ftpclient.CodeOf(err) == 0 {
			t.Errorf("%q: %v", command, err)
			break
		}
	}
	return received.Bytes()
}

func transfer(c *ftpclient.Conn, command string, received io.Writer) error {
	tr, err := c.Transfer(command, 0)
	if err != nil {
		return err
	}
	if verb, _, _ := strings.Cut(command, " "); verb == "STOR" || verb == "APPE" || verb == "STOU" {
		if _, err := io.WriteString(tr, "uploaded"); err != nil {
			return err
		}
		return tr.Finish()
	}
	_, err = io.Copy(received, tr.Retrieve())
	return err
}

// oneLine reports whether a text is sent and received as one line.
func oneLine(text string) bool {
	return !strings.ContainsAny(text, "\r\n\x00") && strings.IndexByte(text, 0xff) < 0
}
