package clients

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/test/launch"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// devSite is a run of `tidegate dev`, and a directory with the file FILE of its commands.
type devSite struct {
	t       *testing.T
	dev     *launch.Process
	dir     string
	content string
}

// startDev starts it on free ports; the default ones are fixed.
func startDev(t *testing.T, env []string, args ...string) *devSite {
	t.Helper()
	cmd := launch.Command(t, append([]string{"dev", "-listen", "127.0.0.1:0", "-state", t.TempDir()}, args...)...)
	cmd.Env = append(cmd.Env, env...)
	s := &devSite{t: t, dev: launch.Start(t, cmd), dir: t.TempDir(), content: "from the first minute\n"}
	if err := os.WriteFile(filepath.Join(s.dir, "FILE"), []byte(s.content), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// printed returns the command for a client that dev prints.
func (s *devSite) printed(client string) string {
	s.t.Helper()
	line := s.dev.Find("the command for "+client, func(line string) bool {
		return strings.HasPrefix(strings.TrimSpace(line), client+"  ")
	})
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), client))
}

// run runs a command in a shell.
func (s *devSite) run(command, stdin string, env ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience.Limit())
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir, cmd.Stdin = s.dir, strings.NewReader(stdin)
	cmd.Env = append(append(cmd.Environ(), "HOME="+s.dir), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

// TestDev does the first steps after a clone of the repository: it runs
// `tidegate dev` and copies the commands that this prints.
func TestDev(t *testing.T) {
	needPrograms(t, "curl", "lftp", "sftp")
	served := t.TempDir()
	s := startDev(t, nil, served)
	t.Cleanup(s.dev.Stop)
	_, password, found := strings.Cut(s.dev.Find("the password", func(line string) bool { return strings.HasPrefix(line, "Serving ") }), "with the password ")
	if !found {
		t.Fatal("dev prints no password")
	}
	password = strings.Trim(password, "\":")
	askpass := filepath.Join(s.dir, "askpass")
	if err := os.WriteFile(askpass, []byte("#!/bin/sh\necho "+password+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for client, run := range map[string]func(command string){
		"FTP":       func(command string) { s.run(command, "") },
		"FTP + TLS": func(command string) { s.run(command, "") },
		"lftp":      func(command string) { s.run(command, "put FILE\nbye\n", "LFTP_HOME="+s.dir) },
		"SFTP": func(command string) {
			options := " -F none -o BatchMode=no -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=" + filepath.Join(s.dir, "known_hosts") + " -b - "
			s.run(strings.Replace(command, "sftp ", "sftp"+options, 1), "put FILE\n", "SSH_ASKPASS="+askpass, "SSH_ASKPASS_REQUIRE=force")
		},
	} {
		t.Run(client, func(t *testing.T) {
			s.t = t
			run(s.printed(client))
			if got, err := os.ReadFile(filepath.Join(served, "FILE")); err != nil || string(got) != s.content {
				t.Errorf("the directory holds %q, %v; want %q", got, err, s.content)
			}
			if err := os.Remove(filepath.Join(served, "FILE")); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDevAzurite serves a container of an Azurite that npm has installed. Azurite ends with
// dev, also when dev is killed, and what was uploaded is there at the next start.
func TestDevAzurite(t *testing.T) {
	needPrograms(t, "curl", "node")
	bin, err := filepath.Abs("../azurite/node_modules/.bin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(bin, "azurite-blob")); err != nil {
		azurite.Start(t) // skips with the reason
	}
	path, content := "PATH="+bin+":"+os.Getenv("PATH"), t.TempDir()
	first := startDev(t, []string{path}, "-azurite", content)
	first.run(first.printed("FTP"), "")
	blobs := endpointOf(first)
	first.dev.Stop()
	closes(t, blobs)

	second := startDev(t, []string{path}, "-azurite", content)
	ftpURL := second.printed("FTP")[strings.Index(second.printed("FTP"), "ftp://"):]
	if got := second.run("curl -sS "+ftpURL+"FILE", ""); got != second.content {
		t.Errorf("after the next start: %q, want %q", got, second.content)
	}
	blobs = endpointOf(second)
	second.dev.Kill()
	closes(t, blobs)
}

// endpointOf returns the address of the Azurite that dev has started.
func endpointOf(s *devSite) string {
	s.t.Helper()
	line := s.dev.Find("the endpoint", func(line string) bool { return strings.HasPrefix(line, "Serving the container dev of Azurite at ") })
	fields := strings.Fields(strings.TrimPrefix(line, "Serving the container dev of Azurite at "))
	u, err := url.Parse(fields[0])
	if err != nil {
		s.t.Fatal(err)
	}
	return u.Host
}

// closes waits until nothing listens at an address.
func closes(t *testing.T, addr string) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for limit := time.Now().Add(patience.Limit()); time.Now().Before(limit); <-again.C {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
		if err == nil {
			c.Close()
		}
	}
	t.Errorf("Azurite still listens at %s", addr)
}

// Without Azurite, dev says how to install it, and downloads nothing.
func TestDevWithoutAzurite(t *testing.T) {
	needPrograms(t, "node")
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(node, filepath.Join(bin, "node")); err != nil {
		t.Fatal(err)
	}
	s := startDev(t, []string{"PATH=" + bin}, "-azurite", t.TempDir())
	if err := s.dev.Wait(); err == nil || !slices.ContainsFunc(s.dev.Lines(func(string) bool { return true }), func(line string) bool {
		return strings.Contains(line, "npm install --global azurite")
	}) {
		t.Errorf("%v: %v", err, s.dev)
	}
}

// needPrograms skips the test where a program is missing.
func needPrograms(t *testing.T, names ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs the built program and clients")
	}
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; make test installs it", name)
		}
	}
}
