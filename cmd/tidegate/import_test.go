package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/config/usersfile"
)

// What import prints is a users file, and its notes are on standard error.
func TestImport(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "logins.txt")
	write(t, old, "ann\none\nbob\ntwo\n")
	status, stdout, stderr := tidegate(t, "", "import", "vsftpd", old)
	if status != exitOK || stderr != "2 users.\n" {
		t.Errorf("%d, %q", status, stderr)
	}
	file := filepath.Join(dir, "contoso.users")
	write(t, file, stdout)
	all := usersIn(t, file)
	if !logsIn(t, all["ann"], "one") || !logsIn(t, all["bob"], "two") {
		t.Errorf("the users are %+v", all)
	}
	write(t, old, "ann:$1$x$y:1:1::/srv/ftp/ann:\n")
	status, stdout, stderr = tidegate(t, "", "import", "-root", "/srv/ftp", "proftpd", old)
	if status != exitOK || stdout != "ann:!:/ann\n" || !strings.Contains(stderr, "MD5-crypt") {
		t.Errorf("%d, %q, %q", status, stdout, stderr)
	}
	for args, want := range map[string]int{
		"import vsftp " + old: exitUsage, "import vsftpd": exitUsage, "import vsftpd " + old + ".none": exitFailure, "import sftpgo " + old: exitFailure,
	} {
		if status, stdout, _ := tidegate(t, "", strings.Fields(args)...); status != want || stdout != "" {
			t.Errorf("%s: %d, %q, want %d", args, status, stdout, want)
		}
	}
	if _, problems := usersfile.Parse([]byte(stdout)); len(problems) > 0 {
		t.Error(problems)
	}
}
