package ftp_test

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// between says which commands may come between REST or ALLO and the transfer,
// with their answers: what clients send there.
func between() map[string]int {
	return map[string]int{
		"TYPE I": 200, "MODE S": 200, "STRU F": 200, "EPSV": 229, "PASV": 227, "NOOP": 200, "SIZE f": 213, "MDTM f": 213,
		"OPTS UTF8 ON": 200, "PBSZ 0": 200, "PROT P": 200, "ALLO 0": 200, "TYPE X": 504,
	}
}

// others make a session forget what was announced, whether they work or not.
func others() map[string]int {
	return map[string]int{
		"PWD": 257, "CWD /": 250, "CWD /nothing": 550, "MKD /f": 550, "DELE /nothing": 550, "STAT": 211, "HELP": 214, "XYZZY": 500,
		"MLST": 250, "FEAT": 211, "RETR nothing": 0, "NLST": 0, "SITE CHMOD 644 f": 200, "RNFR f": 350, "ABOR": 226, "HASH f": 213,
	}
}

// try sends one line, as a transfer where its code is 0.
func (g *gateway) try(c *ftpclient.Conn, line string, code int) {
	g.Helper()
	if code != 0 {
		g.say(c, line, code)
		return
	}
	tr, err := c.Transfer(line, 0)
	if err == nil {
		_, err = strings.NewReader("").WriteTo(tr)
		if err == nil {
			err = tr.Result()
		}
	}
	if ftpclient.CodeOf(err) != 550 && err != nil {
		g.Fatalf("%s: %v", line, err)
	}
}

func (g *gateway) state(t *testing.T) *ftpclient.Conn {
	c := g.login(ftpclient.Options{Security: ftpclient.Explicit})
	if err := c.Put("f", strings.NewReader("0123456789")); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRESTIsForTheNextTransfer(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.state(t)
	for line, code := range between() {
		g.say(c, "REST 5", 350, line, code)
		g.want(c, "f", "56789")
		g.want(c, "f", "0123456789")
	}
	for line, code := range others() {
		g.say(c, "REST 5", 350)
		g.try(c, line, code)
		g.want(c, "f", "0123456789")
	}
	// A transfer that fails uses it up, and an append does not care.
	g.say(c, "REST 5", 350)
	g.try(c, "RETR nothing", 0)
	g.want(c, "f", "0123456789")
	g.say(c, "REST 5", 350, "RETR f", 425)
	g.want(c, "f", "0123456789")
	g.say(c, "REST 5", 350)
	if err := c.Append("f", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	g.want(c, "f", "0123456789x")
	g.say(c, "REST 5", 350, "REST 0", 350)
	g.want(c, "f", "0123456789x")
	g.say(c, "REST 5", 350, "REIN", 220, "USER u", 331, "PASS p", 230)
}

func TestALLOIsForTheNextUpload(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.state(t)
	short := func() error { return c.Put("short", strings.NewReader("x")) }
	for line, code := range between() {
		if line == "ALLO 0" {
			continue
		}
		g.say(c, "ALLO 5", 200, line, code)
		if err := short(); ftpclient.CodeOf(err) != 426 {
			t.Errorf("ALLO, %s and a short upload: %v, want 426", line, err)
		}
		if err := short(); err != nil {
			t.Errorf("the upload after it: %v", err)
		}
	}
	for line, code := range others() {
		g.say(c, "ALLO 5", 200)
		g.try(c, line, code)
		if err := short(); err != nil {
			t.Errorf("ALLO, %s and a short upload: %v", line, err)
		}
	}
}

// RFC 959, 4.1.3: RNFR "must be immediately followed" by RNTO.
func TestRNFRIsForTheNextRNTO(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.state(t)
	g.say(c, "RNTO g", 503)
	for line, code := range others() {
		if line == "RNFR f" {
			continue
		}
		g.say(c, "RNFR f", 350)
		g.try(c, line, code)
		g.say(c, "RNTO g", 503)
	}
	for line, code := range between() {
		g.say(c, "RNFR f", 350, line, code, "RNTO g", 503)
	}
	g.say(c, "RNFR f", 350, "RNFR nothing", 550, "RNTO g", 503, "SIZE f", 213, "MKD d", 257,
		"RNFR f", 350, "RNTO d", 553, "RNTO g", 503, "RNFR nothing", 550, "RNFR f", 350, "RNTO g", 250, "RNTO h", 503, "SIZE g", 213)
}
