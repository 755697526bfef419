package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The flags of the log are stronger than the configuration, also after a reload.
func TestLogFlags(t *testing.T) {
	short, err := os.MkdirTemp("", "tidegate") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	at := "unix:" + filepath.Join(short, "s")
	dir := serveConfig(t, fmt.Sprintf(`
		frontend "status" "operators" { listen = %q }
		log {
		  level  = "error"
		  format = "json"
		}`, at))
	i := start(t, "serve", "-config", dir, "-log-level", "info", "-log-format", "text")
	i.stderr.find(t, "level=INFO msg=ready")
	if status, _, stderr := tidegate(t, "", "reload", "-at", at); status != exitOK {
		t.Fatalf("reload: %d, %s", status, stderr)
	}
	i.stderr.find(t, `level=INFO msg="configuration reloaded"`)
}

// The configuration is -config or the argument, and not both.
func TestConfigFlag(t *testing.T) {
	dir := serveConfig(t, "")
	for _, command := range [][]string{{"check"}, {"fmt", "-check"}} {
		wantStatus, want, _ := tidegate(t, "", append(command, dir)...)
		if status, got, stderr := tidegate(t, "", append(command, "-config", dir)...); status != wantStatus || got != want || want == "" {
			t.Errorf("%s -config: exit status %d, %q, %q, want %d, %q", command, status, got, stderr, wantStatus, want)
		}
	}
	for _, command := range []string{"serve", "check", "fmt"} {
		status, _, stderr := tidegate(t, "", command, "-config", dir, "other")
		if status != exitUsage || !strings.Contains(stderr, command+": the configuration is given by -config") {
			t.Errorf("%s with two: exit status %d, %s", command, status, stderr)
		}
	}
	status, _, stderr := tidegate(t, "", "serve", "-log-level", "debgu", dir)
	if status != exitUsage || !strings.Contains(stderr, `there is no level "debgu"; did you mean "debug"?`) {
		t.Errorf("a wrong level: exit status %d, %s", status, stderr)
	}
	status, _, stderr = tidegate(t, "", "serve", "-log-format", "jsn", dir)
	if status != exitUsage || !strings.Contains(stderr, `there is no format "jsn"; did you mean "json"?`) {
		t.Errorf("a wrong format: exit status %d, %s", status, stderr)
	}
}
