package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The log of a service begins another file when one is full, keeps some, and is complete.
func TestServiceLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "logs", "tidegate.log")
	l, err := openServiceLog(path, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	const each, lines = 4, 200
	for w := range each {
		writers.Go(func() {
			for i := range lines {
				if _, err := fmt.Fprintf(l, "writer %d line %03d %s\n", w, i, strings.Repeat("x", 10)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	last := l.lastLine()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != serviceLogs {
		t.Fatalf("the files are %v, %v", files, err)
	}
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil || len(content) > 1000 || !bytes.HasSuffix(content, []byte("\n")) || !bytes.HasPrefix(content, []byte("writer ")) {
			t.Errorf("%s has %d bytes: %q, %v", f, len(content), content, err)
		}
		if f == path && !bytes.HasSuffix(content, []byte(last)) {
			t.Errorf("the last line is %q, and not in\n%s", last, content)
		}
	}
	// It is continued after a restart.
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err = openServiceLog(path, 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Write([]byte("next\n")); err != nil {
		t.Error(err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before)+"next\n" {
		t.Errorf("after a restart the file has %q, %v", after, err)
	}
}

// A log that cannot be renamed grows on.
func TestServiceLogThatCannotBeRenamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tidegate.log")
	if err := os.MkdirAll(filepath.Join(path+".1", "occupied"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(path+".2", "occupied"), 0o750); err != nil {
		t.Fatal(err)
	}
	for i := 3; i < serviceLogs; i++ {
		if err := os.MkdirAll(filepath.Join(fmt.Sprintf("%s.%d", path, i), "occupied"), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	l, err := openServiceLog(path, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for range 3 {
		if _, err := l.Write([]byte("line\n\n\n\n\n")); err != nil {
			t.Error(err)
		}
	}
	if content, err := os.ReadFile(path); err != nil || strings.Count(string(content), "line") != 3 {
		t.Errorf("the file has %q, %v", content, err)
	}
}

// The identifier of an account of a service is the one that Windows has.
func TestServiceSID(t *testing.T) {
	if got, want := serviceSID("TrustedInstaller"), "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"; got != want {
		t.Errorf("serviceSID = %s, want %s", got, want)
	}
}

func TestServiceArguments(t *testing.T) {
	spec := serviceSpec{config: `C:\ProgramData\Tidegate`, log: `C:\logs\t.log`, envFiles: []string{`C:\a b`, `C:\c`}}
	want := []string{"service", "run", "-log", `C:\logs\t.log`, "-env-file", `C:\a b`, "-env-file", `C:\c`, `C:\ProgramData\Tidegate`}
	if got := spec.arguments(); !slices.Equal(got, want) {
		t.Errorf("the arguments are %q", got)
	}
}

// Elsewhere the commands say that they are for Windows, and what to do instead.
func TestServiceElsewhere(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("this is Windows")
	}
	for _, args := range [][]string{{"install"}, {"start"}, {"status"}, {"reload"}, {"stop"}, {"remove"}, {"run", "-log", "x", "y"}} {
		status, stdout, stderr := tidegate(t, "", append([]string{"service"}, args...)...)
		if status != exitFailure || stdout != "" || !strings.Contains(stderr, "this is for Windows; elsewhere systemd") {
			t.Errorf("service %v: %d, %q, %q", args, status, stdout, stderr)
		}
	}
	if status, _, stderr := tidegate(t, "", "service", "instal"); status != exitUsage || !strings.Contains(stderr, `did you mean "install"?`) {
		t.Errorf("a misspelled command: %d, %s", status, stderr)
	}
	if status, _, stderr := tidegate(t, "", "service", "run", "conf"); status != exitUsage || !strings.Contains(stderr, "-log is missing") {
		t.Errorf("run without -log: %d, %s", status, stderr)
	}
	if status, stdout, _ := tidegate(t, "", "help", "service", "install"); status != exitOK || !strings.Contains(stdout, "icacls") {
		t.Errorf("help: %d, %s", status, stdout)
	}
}
