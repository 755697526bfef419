package ftp_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// list returns the lines that a listing command sends.
func (g *gateway) list(c *ftpclient.Conn, command string) []string {
	g.Helper()
	tr := g.begin(c, command)
	var b strings.Builder
	buf := make([]byte, 1000)
	r := tr.Retrieve()
	for {
		n, err := r.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			break
		}
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\r\n"), "\r\n")
}

func TestMLSDHasTitles(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "MKD d", 257)
	g.put(c, "d/f", "12345")
	want := func(command string, lines ...string) {
		t.Helper()
		got := strings.Join(g.list(c, command), "\n")
		if !regexp.MustCompile("^" + strings.Join(lines, "\n") + "$").MatchString(got) {
			t.Errorf("%s sends\n%s\nwant\n%s", command, got, strings.Join(lines, "\n"))
		}
	}
	const file = `type=file;size=5;modify=\d{14};perm=adfrw; f`
	want("MLSD d", `type=cdir;perm=cdeflmp; \.`, `type=pdir;perm=celmp; \.\.`, file)
	want("MLSD /", `type=cdir;perm=celmp; \.`, `type=dir;modify=\d{14};perm=cdeflmp; d`)
	g.say(c, "CWD d", 250)
	want("MLSD", `type=cdir;perm=cdeflmp; \.`, `type=pdir;perm=celmp; \.\.`, file)
	// Without the type, clients could not distinguish the titles from entries.
	if got := g.ask(c, "OPTS MLST Size;nonsense;UNIQUE", 200); got != "MLST OPTS size;unique;" {
		t.Errorf("OPTS MLST: %q", got)
	}
	want("MLSD", `size=5;unique=[0-9a-f]{24}; f`)
	if got := g.ask(c, "FEAT", 211); !strings.Contains(got, " MLST type;size*;modify;perm;unique*;\n") {
		t.Errorf("FEAT: %s", got)
	}
	if got := g.ask(c, "OPTS MLST", 200); got != "MLST OPTS" {
		t.Errorf("OPTS MLST: %q", got)
	}
	want("MLSD", " f")
}

func TestMLSTNamesThePathAsAsked(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "MKD d", 257, "CWD d", 250)
	g.put(c, "f", "12345")
	for arg, name := range map[string]string{"": "/d", " f": "f", " ../d/f": "../d/f", " /d/f": "/d/f", " .": "."} {
		r, err := c.Do("MLST"+arg, 250)
		if err != nil || len(r.Lines) != 3 || !strings.HasSuffix(r.Lines[1], "; "+name) || !strings.HasPrefix(r.Lines[1], " type=") {
			t.Errorf("MLST%s: %q, %v, want the name %q", arg, r.Lines, err, name)
		}
	}
}

func TestDOSList(t *testing.T) {
	t.Parallel()
	g := startFor(t, memory.New(), &tenant.User{Dialect: tenant.Dialect{DOSList: true}}, nil)
	c := g.connect(ftpclient.Options{})
	if got := g.ask(c, "SYST", 215); !strings.HasPrefix(got, "UNIX") {
		t.Errorf("SYST before the login: %s", got)
	}
	g.say(c, "USER u", 331, "PASS p", 230, "MKD d", 257)
	g.put(c, "f", "12345")
	g.say(c, "MFMT 20200229000500 f", 213)
	if got := g.ask(c, "SYST", 215); got != "Windows_NT" {
		t.Errorf("SYST: %s", got)
	}
	const file = "02-29-20  12:05AM                    5 f"
	if got := g.list(c, "LIST f"); len(got) != 1 || got[0] != file {
		t.Errorf("LIST f: %q", got)
	}
	if got := strings.Join(g.list(c, "LIST"), "\n"); !strings.Contains(got, file) || !regexp.MustCompile(`M       <DIR>          d`).MatchString(got) {
		t.Errorf("LIST: %s", got)
	}
	if got := g.ask(c, "STAT /", 212); !strings.Contains(got, file) {
		t.Errorf("STAT: %s", got)
	}
	g.say(c, "REIN", 220)
	if got := g.ask(c, "SYST", 215); !strings.HasPrefix(got, "UNIX") {
		t.Errorf("SYST after REIN: %s", got)
	}
}

// Options of ls mean nothing, whatever they are, and hide no entry whose name
// begins with "-".
func TestOptionsOfListings(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	g.say(c, "MKD -d", 257)
	g.put(c, "-d/inside", "1")
	g.put(c, "-f", "1")
	g.put(c, "outside", "1")
	all := "-d,-f,outside"
	for command, want := range map[string]string{
		"NLST": all, "NLST -CF": all, "NLST -la": all, "NLST --": all, "NLST -": all, "NLST --full-time": all, "NLST -1 -t": all,
		"NLST -CF .": "./-d,./-f,./outside", "NLST -- -d": "-d/inside", "NLST ./-d": "./-d/inside", "NLST -la -- -f": "-f", "NLST ./-f": "./-f",
		"NLST -la outside": "outside", "NLST -- -*": "-d,-f",
	} {
		if got := sorted(g.list(c, command)); got != want {
			t.Errorf("%s: %s, want %s", command, got, want)
		}
	}
	for command, want := range map[string]int{"LIST -CF": 3, "LIST -- -d": 1, "MLSD": 4, "MLSD -d": 3, "MLSD -a": 4, "MLSD -la ./-d": 3, "MLSD -- -d": 3} {
		if got := g.list(c, command); len(got) != want {
			t.Errorf("%s: %q, want %d lines", command, got, want)
		}
	}
	g.say(c, "STAT -CF", 212, "STAT -- -f", 213, "STAT -la ./-f", 213, "STAT -- -d", 212, "STAT -la none", 550)
}

func sorted(lines []string) string {
	slices.Sort(lines)
	return strings.Join(lines, ",")
}

// What has "*", "?" or "[" in its name is listed by it; only a name that is not
// there is a pattern.
func TestNamesThatLookLikePatterns(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.login(ftpclient.Options{})
	for _, dir := range []string{"what?", "a*b", "[x]", "[*", "plain"} {
		g.say(c, "MKD "+dir, 257)
		g.put(c, dir+"/in "+dir, "1")
	}
	for _, file := range []string{"f?", "fx", "g*", "[f*"} {
		g.put(c, file, "1")
	}
	for command, want := range map[string]string{
		"NLST what?": "what?/in what?", "NLST a*b": "a*b/in a*b", "NLST [x]": "[x]/in [x]", "NLST [*": "[*/in [*", "NLST /what?": "/what?/in what?",
		"NLST f?": "f?", "NLST g*": "g*", "NLST [f*": "[f*", "NLST f*": "f?,fx", "NLST ?x": "fx", "NLST wh?t?": "what?", "NLST pl*": "plain",
		"NLST plain/*": "plain/in plain", "NLST plain/?n*": "plain/in plain", "NLST zz*": "",
	} {
		if got := sorted(g.list(c, command)); got != want {
			t.Errorf("%s: %s, want %s", command, got, want)
		}
	}
	for _, command := range []string{"LIST what?", "LIST f?", "LIST [f*"} {
		if got := g.list(c, command); len(got) != 1 {
			t.Errorf("%s: %q", command, got)
		}
	}
	if got := g.list(c, "MLSD what?"); len(got) != 3 {
		t.Errorf("MLSD: %q", got)
	}
	for command, code := range map[string]int{"NLST none/*": 550, "LIST fx/*": 550, "NLST [none*": 550, "MLSD none*": 550, "MLSD fx": 501} {
		if _, err := c.Transfer(command, 0); ftpclient.CodeOf(err) != code {
			t.Errorf("%s: %v, want %d", command, err, code)
		}
	}
}
