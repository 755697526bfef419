package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/config"
)

// What is reported about the file of an access log. Nothing is made or changed.
func TestFilesOfLogs(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(in("there"), []byte("lines\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(in("directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file config.Appended
		want string // "" for nothing
	}{
		"there":          {config.Appended{Path: in("there")}, ""},
		"there, rotates": {config.Appended{Path: in("there"), Rotates: true}, ""},
		"not there yet":  {config.Appended{Path: in("new")}, ""},
		"no directory":   {config.Appended{Path: in("none/new")}, ""}, // config.CheckDirectories reports it
		"a directory":    {config.Appended{Path: in("directory")}, "File cannot be written"},
		"not a file":     {config.Appended{Path: in("there/new")}, "File cannot be written"},
	} {
		t.Run(name, func(t *testing.T) {
			diags := tryFiles(&config.Config{Appended: []config.Appended{test.file}})
			if test.want == "" && len(diags) > 0 || test.want != "" && (len(diags) != 1 || diags[0].Summary != test.want) {
				t.Errorf("got %v, want %q", diags, test.want)
			}
		})
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("%v, %v", left, err)
	}
	if text, err := os.ReadFile(in("there")); err != nil || string(text) != "lines\n" {
		t.Errorf("the file has %q, %v", text, err)
	}
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		return // root may write everywhere
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if diags := tryFiles(&config.Config{Appended: []config.Appended{{Path: in("new")}}}); len(diags) != 1 || diags[0].Summary != "File needs a right" {
		t.Errorf("a directory without rights: %v", diags)
	}
}

// check -here names the block of a file that cannot be made, and its place.
func TestCheckHereFiles(t *testing.T) {
	dir := t.TempDir()
	text := strings.Replace(twoProblems, `"127.0.0.1:2121" #`, `"127.0.0.1:2122" #`, 1) +
		"access_log \"a\" {\n format = \"w3c\"\n file = " + config.Quote(filepath.Join(dir, "none", "access.log")) + "\n}\n"
	status, _, stderr, _ := checkFile(t, text, "-here")
	if status != exitUsage || !strings.Contains(stderr, "No such directory") || !strings.Contains(stderr, filepath.Join(dir, "none")+" is not there") {
		t.Errorf("exit status %d:\n%s", status, stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); err == nil {
		t.Error("the check has made the directory")
	}
}
