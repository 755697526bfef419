package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/auth"
)

// tidegate runs a command line to its end.
func tidegate(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(stdin), &out, &err)
	return status, out.String(), err.String()
}

func TestUsage(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name, args     string
		status         int
		stdout, stderr string // texts in the outputs; "" for no output
	}{
		{"no command", "", exitUsage, "", "a command is missing\n\nUsage: tidegate COMMAND"},
		{"unknown command", "sreve x", exitUsage, "", `no command "sreve"; did you mean "serve"?`},
		{"command like none", "xyzzyxyzzy", exitUsage, "", "no command \"xyzzyxyzzy\"\n"},
		{"help", "help", exitOK, "hash-password", ""},
		{"-h", "-h", exitOK, "Usage: tidegate COMMAND", ""},
		{"--help", "--help", exitOK, "Usage: tidegate COMMAND", ""},
		{"version", "version", exitOK, "tidegate ", ""},
		{"--version", "--version", exitOK, "tidegate ", ""},
		{"version with an argument", "version x", exitUsage, "", `unexpected argument "x"`},
		{"serve without a path", "serve", exitUsage, "", "serve: an argument is missing"},
		{"serve with two", "serve a b", exitUsage, "", `unexpected argument "b"`},
		{"check without a path", "check", exitUsage, "", "check: an argument is missing"},
		{"unknown flag", "check -x", exitUsage, "", "-x"},
		{"dev with a wrong address", "dev -listen 127.0.0.1:99999 -state " + filepath.Join(dir, "state") + " " + dir, exitUsage, "", "dev: -listen: Invalid address"},
		{"help of serve", "serve -h", exitOK, "Exit status:\n  0", ""},
		{"help of a command", "dev -h", exitOK, "-listen", ""},
		{"dev with two directories", "dev a b", exitUsage, "", `unexpected argument "b"`},
		{"nearest command", "srve x", exitUsage, "", `did you mean "serve"?`},
		{"far from every command", "xyzzyx", exitUsage, "", "there is no command \"xyzzyx\"\n"},
		{"help of an unknown command", "help chek", exitUsage, "", `did you mean "check"?`},
		{"help of two commands", "help serve check", exitUsage, "", `unexpected argument "check"`},
		{"unknown flag names the command", "check -x", exitUsage, "", "-x\nRun 'tidegate check -help' for usage.\n"},
		{"unknown flag of a command below", "user add -x", exitUsage, "", "-x\nRun 'tidegate user add -help' for usage.\n"},
		{"unknown command below", "user ad", exitUsage, "", "did you mean \"add\"?\nRun 'tidegate user -help' for usage.\n"},
		{"nearest flag", "dev -lisen x", exitUsage, "", `did you mean "-listen"?`},
		{"flag after the argument", "dev dir -listen", exitUsage, "", "flags come before the arguments"},
		{"missing configuration", "check no-such-file", exitUsage, "", "no-such-file:1:1: Cannot read the configuration"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, stdout, stderr := tidegate(t, "", strings.Fields(test.args)...)
			if status != test.status {
				t.Errorf("exit status %d, want %d", status, test.status)
			}
			for _, out := range []struct{ name, got, want string }{{"stdout", stdout, test.stdout}, {"stderr", stderr, test.stderr}} {
				if !strings.Contains(out.got, out.want) || (out.want == "") != (out.got == "") {
					t.Errorf("%s is %q, want %q in it", out.name, out.got, out.want)
				}
			}
		})
	}
}

// The help of a command has all of its parts, and there are two ways to get it.
func TestHelpOfCommands(t *testing.T) {
	for _, c := range commands() {
		if c.name == "help" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			status, text, _ := tidegate(t, "", c.name, "-h")
			if status != exitOK || !strings.HasPrefix(text, "Usage: tidegate "+c.name) || !strings.Contains(text, "\nFlags:\n") {
				t.Errorf("exit status %d:\n%s", status, text)
			}
			if status, same, _ := tidegate(t, "", "help", c.name); status != exitOK || same != text {
				t.Errorf("help %s: %d\n%s\nwant\n%s", c.name, status, same, text)
			}
		})
	}
	for name, wants := range map[string][]string{
		"serve": {"Exit status:\n  0", "SIGTERM", "SIGHUP"}, "check": {"Exit status:\n  0", "  2  "}, "dev": {"-state", "Exit status:"},
	} {
		_, text, _ := tidegate(t, "", name, "-h")
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s -h: no %q in:\n%s", name, want, text)
			}
		}
	}
	// An error is not hidden by the help.
	for _, args := range []string{"sreve", "serve -x path", "serve", "dev -listen 127.0.0.1:99999", "user", "user add", "status -at nowhere"} {
		if _, _, text := tidegate(t, "", strings.Fields(args)...); strings.Count(text, "\n") != 2 {
			t.Errorf("tidegate %s:\n%s", args, text)
		}
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.hcl")
	write(t, good, serving("local.files", `
		backend "local" "files" { root = "/no/such/directory" }
		backend "memory" "scratch" {}`))
	// Neither the directory nor the port exists, as may be the case in CI.
	status, stdout, stderr := tidegate(t, "", "check", good)
	want := good + " is fine: 2 backends, 1 frontend, 1 tenant, 1 user.\n"
	if status != exitOK || stdout != want || !strings.Contains(stderr, ":2:36: warning: File is not there") || strings.Count(stderr, "warning") != 1 {
		t.Errorf("check of a good file: %d, %q, %q, want 0 and %q", status, stdout, stderr, want)
	}

	azure := filepath.Join(dir, "azure.hcl")
	write(t, azure, serving("azblob.ingest", `
		transfers { memory = "1GiB" }
		backend "azblob" "ingest" {
		  account   = "contoso"
		  container = "ingest"
		  auth "anonymous" {}
		}`))
	status, stdout, stderr = tidegate(t, "", "check", azure)
	want = azure + " is fine: 1 backend, 1 frontend, 1 tenant, 1 user.\n" +
		"backend azblob.ingest: files of up to 2.3 TiB with transfers of 1 GiB.\n"
	if status != exitOK || stdout != want || stderr != "" {
		t.Errorf("check of a backend with a limit: %d, %q, %q, want 0 and %q", status, stdout, stderr, want)
	}

	bad := filepath.Join(dir, "bad.hcl")
	write(t, bad, "log { level = \"loud\" }\nbackend \"azlob\" \"x\" {}\n")
	for _, command := range []string{"check", "serve"} {
		status, stdout, stderr = tidegate(t, "", command, bad)
		if status != exitUsage || stdout != "" {
			t.Errorf("%s of a bad file: %d, %q, want 2 and nothing on stdout", command, status, stdout)
		}
		wanted := []string{bad + ":1:15: Invalid value for level", bad + ":2:9: Unknown type of backend", "2 problems found"}
		if command == "serve" { // in the log, as no person reads it
			wanted = []string{
				`"problem":"Invalid value for level"`, `"at":"` + bad + `:1:15"`, `"at":"` + bad + `:2:9"`, `"err":"the configuration has 2 problems"`,
			}
		}
		for _, want := range wanted {
			if !strings.Contains(stderr, want) {
				t.Errorf("%s of a bad file: no %q in:\n%s", command, want, stderr)
			}
		}
	}

	empty := filepath.Join(dir, "empty.hcl")
	write(t, empty, "")
	status, _, stderr = tidegate(t, "", "check", empty)
	if status != exitUsage || !strings.Contains(stderr, "No frontend") || !strings.Contains(stderr, "No user") {
		t.Errorf("check of an empty file: %d, %q", status, stderr)
	}
}

// serving returns a configuration of one user on one of the backends.
func serving(backend, backends string) string {
	return backends + `
		frontend "ftp" "public" {
		  listen = "127.0.0.1:21"
		  passive {
		    listen = "127.0.0.1:2122"
		  }
		}
		tenant "contoso" {
		  mount "/" { backend = backend.` + backend + ` }
		  user "upload" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
		}`
}

func TestHashPassword(t *testing.T) {
	for name, stdin := range map[string]string{
		"unix": "correct horse\nnot this\n", "dos": "correct horse\r\n", "no line end": "correct horse",
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := tidegate(t, stdin, "hash-password")
			hash := strings.TrimSuffix(stdout, "\n")
			if status != exitOK || stderr != "" {
				t.Fatalf("exit status %d, stderr %q", status, stderr)
			}
			a, err := auth.New([]auth.Account{{Tenant: "t", Name: "u", PasswordHash: hash}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Password(t.Context(), auth.Attempt{Login: "u", From: loopback}, "correct horse"); err != nil {
				t.Errorf("the hash does not let the password in: %v", err)
			}
			if _, err := a.Password(t.Context(), auth.Attempt{Login: "u", From: loopback}, "correct horse\r"); err == nil {
				t.Error("the hash lets another password in")
			}
		})
	}
	for _, stdin := range []string{"", "\n", strings.Repeat("x", 100_000)} {
		if status, stdout, stderr := tidegate(t, stdin, "hash-password"); status != exitFailure || stdout != "" || stderr == "" {
			t.Errorf("hash-password of %d bytes: %d, %q, %q, want 1 and a reason", len(stdin), status, stdout, stderr)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Warnings are printed, and the configuration is still fine.
func TestCheckWarns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weak.hcl")
	text := fmt.Sprintf(`
backend "memory" "m" {}
frontend "sftp" "old" {
  listen         = "127.0.0.1:0"
  host_key_files = ["/no/such/key"]
  legacy         = true
}
tenant "t" {
  mount "/" { backend = backend.memory.m }
  user "u" {
    password_hash = "$2b$04$%s"
  }
}
`, strings.Repeat("a", 53))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := tidegate(t, "", "check", path)
	if status != exitOK || !strings.Contains(stdout, "is fine") {
		t.Errorf("exit status %d, %q", status, stdout)
	}
	for _, want := range []string{":6:20: warning: SHA-1 is offered", ":11:21: warning: Weak password hash"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in:\n%s", want, stderr)
		}
	}
}
