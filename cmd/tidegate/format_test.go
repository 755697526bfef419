package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/tidegate/tidegate/config"
)

// twoProblems is a configuration with an error and a warning.
const twoProblems = `backend "memory" "m" {}
frontend "ftp" "f" {
  listen = "127.0.0.1:2121"
  passive {
    listen = "127.0.0.1:2121" # used twice: 100 %, "quoted"
  }
}
tenant "t" {
  mount "/" { backend = backend.memory.m }
  user "u" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    allow         = ["list", "write"]
  }
}
`

// checkFile checks a file with a text, in a directory of its own.
func checkFile(t *testing.T, text string, flags ...string) (status int, stdout, stderr, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "tide gate.hcl")
	write(t, path, text)
	status, stdout, stderr = tidegate(t, "", append(append([]string{"check"}, flags...), path)...)
	return status, stdout, stderr, path
}

func TestFormatJSON(t *testing.T) {
	status, stdout, stderr, path := checkFile(t, twoProblems, "-format", "json")
	var doc jsonResult
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	if status != exitUsage || stderr != "1 problem found.\n" {
		t.Errorf("exit status %d, stderr %q", status, stderr)
	}
	for i := range doc.Problems {
		doc.Problems[i].Detail = ""
	}
	want := jsonResult{Configuration: path, Errors: 1, Warnings: 1, Problems: []config.Finding{
		{Severity: "error", Rule: "port-is-used-twice", Summary: "Port is used twice", File: path, Line: 5, Column: 14, EndLine: 5, EndColumn: 30},
		{Severity: "warning", Rule: "write-without-rename", Summary: `"write" without "rename"`, File: path, Line: 12, Column: 21, EndLine: 12, EndColumn: 38},
	}}
	if d := cmp.Diff(want, doc); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	// Without errors there are the numbers of blocks.
	_, stdout, stderr, path = checkFile(t, strings.Replace(twoProblems, `"127.0.0.1:2121" #`, `"127.0.0.1:2122" #`, 1), "-format", "json")
	doc = jsonResult{}
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil || stderr != "" {
		t.Fatalf("%v, %s", err, stderr)
	}
	doc.Problems = nil
	want = jsonResult{Configuration: path, OK: true, Warnings: 1, Blocks: &totals{1, 1, 1, 1}, Stores: []jsonStore{{Name: "memory.m"}}}
	if d := cmp.Diff(want, doc); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if strings.Contains(stdout, "null") {
		t.Errorf("null in %s", stdout)
	}
}

func TestFormatGitHub(t *testing.T) {
	_, stdout, _, path := checkFile(t, twoProblems, "-format", "github")
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	want := fmt.Sprintf("::error file=%s,line=5,col=14,endLine=5,endColumn=30,title=Port is used twice::Port 2121", path)
	if len(lines) != 2 || !strings.HasPrefix(lines[0], want) || !strings.HasPrefix(lines[1], "::warning file=") {
		t.Errorf("got\n%s\nwant %s…", stdout, want)
	}
	// GitHub's escapes.
	var b strings.Builder
	r := result{loaded: loaded{diags: config.Diagnostics{config.Problem(config.Source{Name: "a:b,c%"}.Whole(), "One, two: 3 %", "a\nb: 50 %")}}}
	if err := writeGitHub(&b, r); err != nil {
		t.Fatal(err)
	}
	const escaped = "::error file=a%3Ab%2Cc%25,line=1,col=1,title=One%2C two%3A 3 %25::a%0Ab: 50 %25\n"
	if b.String() != escaped {
		t.Errorf("got %q, want %q", b.String(), escaped)
	}
}

// validSARIF checks a document against the schema of SARIF 2.1.0, and that it has nothing that
// SARIF does not know.
func validSARIF(t *testing.T, document string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(&sarif.Report{}); err != nil {
		t.Errorf("not SARIF: %v", err)
	}
	report, err := sarif.FromString(document)
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range report.Runs {
		// The library writes these empty, where the document has none. The schema's defaults:
		run.Language, run.Tool.Driver.Language, run.NewlineSequences = "en-US", "en-US", []string{"\r\n", "\n"}
	}
	if err := report.Validate(); err != nil {
		t.Errorf("not SARIF 2.1.0: %v", err)
	}
}

// The document is SARIF 2.1.0, and says where the problems are.
func TestFormatSARIF(t *testing.T) {
	_, stdout, _, path := checkFile(t, twoProblems, "-format", "sarif")
	validSARIF(t, stdout)
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	var log sarifLog
	if err := d.Decode(&log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.HasPrefix(log.Schema, "https://") || len(log.Runs) != 1 {
		t.Fatalf("version %q, schema %q, %d runs", log.Version, log.Schema, len(log.Runs))
	}
	run := log.Runs[0]
	if run.Tool.Driver.Name == "" || !slices.Contains([]string{"utf16CodeUnits", "unicodeCodePoints"}, run.ColumnKind) {
		t.Errorf("tool %+v, columns in %q", run.Tool, run.ColumnKind)
	}
	if len(run.Results) != 2 {
		t.Fatalf("%d results, want 2", len(run.Results))
	}
	for _, r := range run.Results {
		if r.RuleIndex < 0 || r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("rule %d is not %q", r.RuleIndex, r.RuleID)
		}
		if !slices.Contains([]string{"none", "note", "warning", "error"}, r.Level) || r.Message.Text == "" || len(r.Locations) != 1 {
			t.Errorf("result %+v", r)
		}
		at := r.Locations[0].Physical
		u, err := url.Parse(at.Artifact.URI)
		if err != nil || u.Scheme != "file" || u.Path != path || strings.Contains(at.Artifact.URI, " ") {
			t.Errorf("URI %q, %v", at.Artifact.URI, err)
		}
		if at.Region.StartLine < 1 || at.Region.StartColumn < 1 || at.Region.EndLine != 0 && (at.Region.EndLine < at.Region.StartLine || at.Region.EndColumn < 1) {
			t.Errorf("region %+v", at.Region)
		}
	}
	for path, want := range map[string]string{
		"a.hcl": "a.hcl", "conf/a b.hcl": "conf/a%20b.hcl", "/etc/a%.hcl": "file:///etc/a%25.hcl", "<stdin>": "%3Cstdin%3E", "a:b": "./a:b",
	} {
		if got := fileURI(path); got != want {
			t.Errorf("fileURI(%q) = %q, want %q", path, got, want)
		}
	}
	// A configuration without problems has an empty list of results, not none.
	const list = `"results": []`
	if _, stdout, _, _ := checkFile(t, strings.NewReplacer(`"127.0.0.1:2121" #`, `"127.0.0.1:2122" #`, `"write"`, `"read"`).Replace(twoProblems), "-format", "sarif"); !strings.Contains(stdout, list) {
		t.Errorf("no %s in:\n%s", list, stdout)
	} else {
		validSARIF(t, stdout)
	}
	// Of a whole file, a problem has no place in a line.
	var whole strings.Builder
	if err := writeSARIF(&whole, result{loaded: loaded{diags: config.Diagnostics{config.Problem(config.Source{}.Whole(), "No place", "None."), config.Warning(config.Source{Name: "a.hcl"}.Whole(), "Whole file", "All.")}}}); err != nil {
		t.Fatal(err)
	}
	validSARIF(t, whole.String())
}

// No format shows a secret, whatever is wrong beside it or with it.
func TestFormatsShowNoSecrets(t *testing.T) {
	const secret = "Pl4ntedSecretOfTheTest"
	t.Setenv("TIDEGATE_TEST_SECRET", secret)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret"), secret+"\n")
	envFile := filepath.Join(dir, "env")
	write(t, envFile, "TIDEGATE_TEST_FILED="+secret+"\nnot an assignment "+secret+"\n"+secret+"-=1\n")
	backend := func(auth string) string {
		return "backend \"azblob\" \"a\" {\n account = \"contoso\"\n container = \"abc\"\n" + auth + "\n}\n"
	}
	for name, text := range map[string]string{
		"literal key":        backend(`auth "shared_key" { key = "` + secret + `" }`),
		"key of a variable":  backend(`auth "shared_key" { key = env("TIDEGATE_TEST_SECRET") }`),
		"key of a file":      backend(`auth "shared_key" { key = trimspace(file("` + filepath.Join(dir, "secret") + `")) }`),
		"key of an env file": backend(`auth "shared_key" { key = env("TIDEGATE_TEST_FILED") }`),
		"expired signature":  backend(`auth "sas" { token = "sv=2022-11-02&sp=r&se=2020-01-01&sig=` + secret + `" }`),
		"no signature":       backend(`auth "sas" { token = "` + secret + `" }`),
		"connection string":  backend(`auth "connection_string" { value = "AccountKey=` + secret + `" }`),
		"misspelt argument":  backend(`auth "shared_key" { kee = "` + secret + `" }`),
		"unclosed quote":     backend(`auth "shared_key" { key = "` + secret + ` }`),
		"without quotes":     backend(`auth "shared_key" { key = ` + secret + `== }`),
		"hash":               "tenant \"t\" {\n user \"u\" {\n  password_hash = \"" + secret + "\"\n }\n}\n",
		"password":           "tenant \"t\" {\n user \"u\" {\n  password = \"" + secret + "\"\n }\n}\n",
		"secret in a wrong place": "log {\n level = env(\"TIDEGATE_TEST_SECRET\")\n format = \"" + secret + "\" # key = " + secret + "\n}\n" +
			"tenant \"t\" {\n user \"u\" {\n  password_hash = \"" + secret + "\"\n }\n}\n",
		"option of rclone": "backend \"rclone\" \"r\" {\n type = \"s3\"\n options = {\n  secret_access_key = \"" + secret + "\"\n  secret_acces_key = \"" + secret + "\"\n }\n}\n",
	} {
		for _, format := range formats() {
			t.Run(name+" "+format, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "x.hcl")
				write(t, path, text)
				status, stdout, stderr := tidegate(t, "", "check", "-format", format, "-env-file", envFile, path)
				if status != exitUsage {
					t.Errorf("exit status %d", status)
				}
				if strings.Contains(stdout+stderr, secret) {
					t.Errorf("the secret is in:\n%s%s", stdout, stderr)
				}
			})
		}
	}
}

func TestCheckOfStdin(t *testing.T) {
	for _, format := range formats() {
		status, stdout, stderr := tidegate(t, twoProblems, "check", "-format", format, "-")
		if status != exitUsage || !regexp.MustCompile(`<stdin>|%3Cstdin%3E`).MatchString(stdout+stderr) {
			t.Errorf("%s: exit status %d:\n%s%s", format, status, stdout, stderr)
		}
	}
	if status, _, stderr := tidegate(t, "", "serve", "-"); status != exitUsage || !strings.Contains(stderr, "standard input") {
		t.Errorf("serve: exit status %d:\n%s", status, stderr)
	}
	if status, _, stderr := tidegate(t, "", "check", "-format", "yaml", "-"); status != exitUsage || !strings.Contains(stderr, `no format "yaml"`) {
		t.Errorf("an unknown format: exit status %d:\n%s", status, stderr)
	}
}

// A file of variables, and none at all.
func TestCheckOfEnv(t *testing.T) {
	text := strings.Replace(twoProblems, `"127.0.0.1:2121" #`, `env("TIDEGATE_TEST_PASSIVE") #`, 1)
	envFile := filepath.Join(t.TempDir(), "env")
	write(t, envFile, "TIDEGATE_TEST_PASSIVE=127.0.0.1:2122\n")
	for name, test := range map[string]struct {
		flags  []string
		status int
		want   string
	}{
		"not set":        {nil, exitUsage, `environment variable "TIDEGATE_TEST_PASSIVE" is not set`},
		"file":           {[]string{"-env-file", envFile}, exitOK, "write"},
		"missing file":   {[]string{"-env-file", envFile + "x"}, exitUsage, "Cannot read the environment file"},
		"may be missing": {[]string{"-allow-missing-env"}, exitOK, "warning: Environment variable is not set"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, stderr, _ := checkFile(t, text, test.flags...)
			if status != test.status || !strings.Contains(stderr, test.want) {
				t.Errorf("exit status %d, want %d and %q in:\n%s", status, test.status, test.want, stderr)
			}
		})
	}
}

// A reload reads the files of variables again.
func TestEnvFileIsReadAgain(t *testing.T) {
	envFile, path := filepath.Join(t.TempDir(), "env"), filepath.Join(t.TempDir(), "x.hcl")
	write(t, path, strings.NewReplacer(`"127.0.0.1:2121" #`, `env("TIDEGATE_TEST_PASSIVE") #`).Replace(twoProblems))
	in := input{path: path, envFiles: []string{envFile}}
	for _, address := range []string{"127.0.0.1:2122", "127.0.0.1:2123"} {
		write(t, envFile, "TIDEGATE_TEST_PASSIVE="+address)
		l := in.loadToServe()
		if l.diags.HasErrors() {
			t.Fatal(l.diags)
		}
		listener, ok := l.config.Frontends[0].Config.(config.Listener)
		if !ok || listener.Listens()[1].Address != address {
			t.Errorf("the passive address is not %s", address)
		}
	}
}
