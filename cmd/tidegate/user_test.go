package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/config/usersfile"
	"github.com/tidegate/tidegate/internal/auth"
)

// usersIn returns the users of a file by name.
func usersIn(t *testing.T, path string) map[string]usersfile.User {
	t.Helper()
	f, problems, err := usersfile.ReadFile(path)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	all := map[string]usersfile.User{}
	for _, u := range f.Users() {
		all[u.Name] = *u
	}
	return all
}

// logsIn reports whether a password lets a user of a file in.
func logsIn(t *testing.T, u usersfile.User, password string) bool {
	t.Helper()
	a, err := auth.New([]auth.Account{{Tenant: "contoso", Name: u.Name, PasswordHash: u.Hash, Disabled: u.Disabled}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Password(t.Context(), auth.Attempt{Login: u.Name, From: loopback}, password)
	return err == nil
}

// A user is added, gets another password, is disabled, enabled and removed.
func TestUserCommands(t *testing.T) {
	file := filepath.Join(t.TempDir(), "contoso.users")
	for _, step := range []struct {
		args, stdin string
		status      int
		out         string // in one of the outputs
		password    string // of camera-01; "" when none lets it in
	}{
		{"user passwd FILE camera-01", "pw", exitFailure, "no such file", ""},
		{"user add -home /in -allow list,write,rename FILE camera-01", "one\n", exitOK, "created FILE\nadded camera-01\n", "one"},
		{"user add FILE Camera-01", "two\n", exitFailure, "the user exists: Camera-01", "one"},
		{"user add -disabled FILE camera-02", "two\r\n", exitOK, "added camera-02\n", "one"},
		{"user passwd FILE CAMERA-01", "three", exitOK, "changed the password", "three"},
		{"user passwd FILE camera-03", "three", exitFailure, "there is no such user: camera-03", "three"},
		{"user passwd FILE camera-01", "", exitFailure, "must not be empty", "three"},
		{"user disable FILE camera-01", "", exitOK, "disabled camera-01\n", ""},
		{"user passwd FILE camera-01", "four", exitOK, "changed", ""},
		{"user list FILE", "", exitOK, "NAME       LOGIN     HASH      HOME  RIGHTS             CHANGED\ncamera-01  disabled  argon2id  /in   list,write,rename  TODAY\ncamera-02  disabled  argon2id  -     -                  TODAY\n", ""},
		{"user enable FILE camera-01", "", exitOK, "enabled camera-01\n", "four"},
		{"user rm FILE camera-02", "", exitOK, "removed camera-02\n", "four"},
		{"user rm FILE camera-02", "", exitFailure, "there is no such user", "four"},
		{"user add -home in FILE x", "pw", exitUsage, "-home: write it from the root", "four"},
		{"user add -allow lsit FILE x", "pw", exitUsage, `-allow: "lsit" is no right; write some of list,read`, "four"},
		{"user add FILE a:b", "pw", exitUsage, `NAME: ":" ends the name`, "four"},
		{"user add FILE", "", exitUsage, "user add: an argument is missing", "four"},
		{"user ad FILE x", "", exitUsage, `there is no command "ad"; did you mean "add"?`, "four"},
		{"user", "", exitUsage, "user: an argument is missing", "four"},
		{"help user passwd", "", exitOK, "Usage: tidegate user passwd FILE NAME", "four"},
		{"user rm -h", "", exitOK, "Usage: tidegate user rm FILE NAME", "four"},
	} {
		args := strings.Fields(strings.ReplaceAll(step.args, "FILE", file))
		status, stdout, stderr := tidegate(t, step.stdin, args...)
		out := strings.NewReplacer(file, "FILE", today(), "TODAY").Replace(stdout + stderr)
		if status != step.status || !strings.Contains(out, step.out) {
			t.Errorf("%s: exit status %d, want %d; %q in:\n%s", step.args, status, step.status, step.out, out)
		}
		for _, password := range []string{"one", "two", "three", "four"} {
			if !exists(file) {
				continue
			}
			if in := logsIn(t, usersIn(t, file)["camera-01"], password); in != (password == step.password) {
				t.Errorf("after %s: the password %q lets in: %v", step.args, password, in)
			}
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// A file with problems can be edited; list and every edit report them, without hashes.
func TestUserCommandsReportProblems(t *testing.T) {
	file := filepath.Join(t.TempDir(), "contoso.users")
	write(t, file, "one:$6$salt$aaaaaaaa\ntwo:!\n")
	const want = "line 1: Invalid password hash"
	if status, _, stderr := tidegate(t, "", "user", "list", file); status != exitFailure || !strings.Contains(stderr, want) || strings.Contains(stderr, "aaaa") {
		t.Errorf("list: %d, %s", status, stderr)
	}
	if status, _, stderr := tidegate(t, "", "user", "enable", file, "two"); status != exitOK || !strings.Contains(stderr, "warning: "+file+": "+want) {
		t.Errorf("enable: %d, %s", status, stderr)
	}
	if status, _, stderr := tidegate(t, "pw", "user", "passwd", file, "one"); status != exitOK || stderr != "" {
		t.Errorf("passwd: %d, %s", status, stderr)
	}
}

// Several programs edit one file at the same time.
func TestUserCommandsConcurrently(t *testing.T) {
	file := filepath.Join(t.TempDir(), "contoso.users")
	const n = 6
	statuses := make(chan int, n)
	for i := range n {
		go func() {
			var nothing strings.Builder
			statuses <- run(t.Context(), []string{"user", "add", file, fmt.Sprintf("user-%d", i)}, strings.NewReader("pw"), &nothing, &nothing)
		}()
	}
	for range n {
		if status := <-statuses; status != exitOK {
			t.Errorf("exit status %d", status)
		}
	}
	if got := usersIn(t, file); len(got) != n {
		t.Errorf("the file has %v", got)
	}
}

// The file and htpasswd's are one format: each program reads and changes what the other
// has written.
func TestHtpasswd(t *testing.T) {
	htpasswd, err := exec.LookPath("htpasswd")
	if err != nil {
		t.Skip("htpasswd of apache2-utils is not installed")
	}
	file := filepath.Join(t.TempDir(), "contoso.users")
	apache := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), htpasswd, args...).CombinedOutput(); err != nil {
			t.Errorf("htpasswd %q: %v\n%s", args, err, out)
		}
	}
	ours := func(stdin string, args ...string) {
		t.Helper()
		if status, stdout, stderr := tidegate(t, stdin, args...); status != exitOK || stderr != "" {
			t.Errorf("tidegate %q: %d, %s%s", args, status, stdout, stderr)
		}
	}
	apache("-c", "-b", "-B", file, "one", "pw1")
	ours("pw2", "user", "add", "-home", "/two", file, "two")
	apache("-b", "-B", file, "three", "pw3")
	ours("", "user", "disable", file, "three")
	apache("-b", "-B", file, "one", "changed")
	apache("-b", "-v", file, "one", "changed")
	all := usersIn(t, file)
	if !logsIn(t, all["one"], "changed") || !logsIn(t, all["two"], "pw2") || all["two"].Home != "/two" || !all["three"].Disabled {
		t.Errorf("the file has %+v", all)
	}
	ours("", "user", "enable", file, "three")
	apache("-b", "-v", file, "three", "pw3")
	apache("-D", file, "one")
	if all = usersIn(t, file); len(all) != 2 || !logsIn(t, all["three"], "pw3") {
		t.Errorf("the file has %+v", all)
	}
}
