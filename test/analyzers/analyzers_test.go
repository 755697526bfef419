package analyzers

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// output runs an analyzer and returns what it prints.
func (s *site) output(program string, args ...string) string {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), program, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = append(os.Environ(), "HOME="+s.TempDir(), "TERM=dumb", "XDG_CONFIG_HOME=")
	if err := cmd.Run(); err != nil {
		s.Errorf("%s: %v\n%s", program, err, out.String())
	}
	return out.String()
}

// documented returns a text of docs/access-log.md, from after a text until before another.
func documented(t *testing.T, after, before string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/access-log.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), after)
	text, _, end := strings.Cut(rest, before)
	if !ok || !end {
		t.Fatalf("docs/access-log.md has no %q", after)
	}
	return text
}

// The analyzers in Debian read the access logs as docs/access-log.md describes.
func TestAnalyzers(t *testing.T) {
	s := newSite(t)
	s.use()
	s.gateway.Stop()
	w3c := 0
	for line := range strings.Lines(s.text("w3c")) {
		if !strings.HasPrefix(line, "#") {
			w3c++
		}
	}

	t.Run("lnav", func(t *testing.T) {
		if _, err := exec.LookPath("lnav"); err != nil {
			t.Skip("lnav is not installed")
		}
		out := s.output("lnav", "-n", "-c", ";SELECT cs_username, sum(cs_bytes), sum(sc_bytes) FROM w3c_log WHERE cs_bytes + sc_bytes > 0 GROUP BY 1", s.file("w3c"))
		if !regexp.MustCompile(`contoso\\camera\+02\s+28\s+28`).MatchString(out) {
			t.Errorf("lnav prints\n%s", out)
		}
	})
	t.Run("goaccess", func(t *testing.T) {
		if _, err := exec.LookPath("goaccess"); err != nil {
			t.Skip("goaccess is not installed")
		}
		report := filepath.Join(t.TempDir(), "report.json")
		format := documented(t, "--log-format='", "'")
		s.output("goaccess", s.file("w3c"), "--no-global-config", "--log-format="+format, "--date-format=%Y-%m-%d", "--time-format=%T", "--no-strict-status", "-o", report)
		text, err := os.ReadFile(report)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			General struct {
				Valid  int `json:"valid_requests"`
				Failed int `json:"failed_requests"`
			} `json:"general"`
		}
		if err := json.Unmarshal(text, &got); err != nil || got.General.Valid != w3c || got.General.Failed > 0 {
			t.Errorf("%d lines of %d are valid, %d are not: %v", got.General.Valid, w3c, got.General.Failed, err)
		}
	})
	for _, format := range []string{"w3c", "xferlog"} {
		t.Run("awstats/"+format, func(t *testing.T) { s.wantAWStats(t, format) })
	}
}

// wantAWStats checks that AWStats finds no broken line.
func (s *site) wantAWStats(t *testing.T, format string) {
	const program = "/usr/lib/cgi-bin/awstats.pl"
	if _, err := os.Stat(program); err != nil {
		t.Skip("awstats is not installed")
	}
	line := documented(t, "`LogFormat=", "`")
	if format == "w3c" {
		line = documented(t, "```\nLogFormat=", "\n")
	}
	dir := t.TempDir()
	settings := strings.Join([]string{
		`LogFile="` + s.file(format) + `"`, "LogType=F", "LogFormat=" + line, `LogSeparator="\s"`, `SiteDomain="ftp.contoso.example"`, `HostAliases="localhost"`,
		"DNSLookup=0", `DirData="` + dir + `"`, `SkipHosts=""`, `NotPageList=""`,
	}, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(dir, "awstats."+format+".conf"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	out := s.output("perl", program, "-config="+format, "-configdir="+dir, "-update", "-showcorrupted")
	for _, want := range []string{`Found 0 corrupted records`, `Found [1-9][0-9]* new qualified records`} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("AWStats does not print %q:\n%s", want, out)
		}
	}
}
