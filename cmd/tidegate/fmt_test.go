package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	untidy = "log {\n      level=\"debug\"\n  format   = \"text\"\n}\n"
	tidy   = "log {\n  level  = \"debug\"\n  format = \"text\"\n}\n"
)

// Files are changed in place, with their modes, and a symbolic link stays one.
func TestFmt(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	a, b := write("a.hcl", untidy), write("b.hcl", tidy)
	real, link := write("real.txt", untidy), filepath.Join(dir, "c.hcl")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if status, stdout, _ := tidegate(t, "", "fmt", "-check", dir); status != exitFailure || stdout != a+"\n"+link+"\n" || read(a) != untidy {
		t.Errorf("-check: exit status %d, %q, file %q", status, stdout, read(a))
	}
	if status, stdout, stderr := tidegate(t, "", "fmt", dir); status != exitOK || stdout != a+"\n"+link+"\n" {
		t.Errorf("exit status %d, %q, %q", status, stdout, stderr)
	}
	info, err := os.Lstat(a)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if to, err := os.Readlink(link); err != nil || to != real {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	for _, path := range []string{a, b, real} {
		if got := read(path); got != tidy {
			t.Errorf("%s: %q", path, got)
		}
	}
	if status, stdout, _ := tidegate(t, "", "fmt", "-check", dir); status != exitOK || stdout != "" {
		t.Errorf("-check afterwards: exit status %d, %q", status, stdout)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 4 {
		t.Errorf("%v, %v", files, err)
	}
}

func TestFmtOfInput(t *testing.T) {
	for name, test := range map[string]struct {
		args          []string
		stdin, stdout string
		status        int
	}{
		"format":       {[]string{"-"}, untidy, tidy, exitOK},
		"check untidy": {[]string{"-check", "-"}, untidy, stdinName + "\n", exitFailure},
		"check tidy":   {[]string{"-check", "-"}, tidy, "", exitOK},
	} {
		if status, stdout, stderr := tidegate(t, test.stdin, append([]string{"fmt"}, test.args...)...); status != test.status || stdout != test.stdout || stderr != "" {
			t.Errorf("%s: exit status %d, %q, %q", name, status, stdout, stderr)
		}
	}
}

// With a syntax error nothing is changed, and nothing of the text is shown.
func TestFmtKeepsSecrets(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.hcl": untidy, "b.hcl": "x = \"planted-secret\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	status, stdout, stderr := tidegate(t, "", "fmt", dir)
	if status != exitUsage || stdout != "" || !strings.Contains(stderr, "b.hcl has a syntax error") || strings.Contains(stderr, "planted") {
		t.Errorf("exit status %d, %q, %q", status, stdout, stderr)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "a.hcl")); err != nil || string(text) != untidy {
		t.Errorf("%q, %v", text, err)
	}
}

func TestVersionAsJSON(t *testing.T) {
	_, stdout, _ := tidegate(t, "", "version", "-json")
	var got map[string]string
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || got["version"] == "" || got["go"] == "" || !strings.Contains(got["platform"], "/") {
		t.Errorf("%s: %v", stdout, err)
	}
}
