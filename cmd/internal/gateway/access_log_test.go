package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A reload adds, changes and removes access logs, and one that cannot be opened leaves
// everything as it was.
func TestReloadAccessLogs(t *testing.T) {
	r := startReloadable(t)
	block := func(name, format string) string {
		return fmt.Sprintf("\naccess_log %q {\n format = %q\n file = %q\n}\n", name, format, filepath.Join(r.dir, name))
	}
	text := func(name string) string {
		b, err := os.ReadFile(filepath.Join(r.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	c := r.dial(r.ftp)
	put := func(name string) {
		if err := c.Put(name, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	put("before")
	if got := r.reload(block("a", "xferlog")); got != "access logs +1 -0 ~0" {
		t.Errorf("changed: %s", got)
	}
	put("first")
	if _, err := r.Reload(t.Context(), r.load(block("a", "xferlog")+strings.Replace(block("b", "json"), r.dir, r.dir+"/none", 1))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file without a directory: %v", err)
	}
	put("second")
	if got := r.reload(block("a", "json") + block("b", "xferlog")); got != "access logs +1 -0 ~1" {
		t.Errorf("changed: %s", got)
	}
	put("third")
	if got := r.reload(""); got != "access logs +0 -2 ~0" {
		t.Errorf("changed: %s", got)
	}
	put("last")
	a, b := text("a"), text("b")
	if strings.Contains(a+b, "/before") || strings.Contains(a+b, "/last") || !strings.Contains(a, " /first b _ i r ") ||
		!strings.Contains(a, " /second b _ i r ") || !strings.Contains(a, `"path":"/third"`) || !strings.Contains(b, " /third b _ i r ") || strings.Contains(b, "/second") {
		t.Errorf("the logs have\n%s\n%s", a, b)
	}
}

// The audit names the operator who has ended a session, and the one who has stopped the
// process, and ends with the process.
func TestAuditOfOperators(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit")
	g := startOperated(t, fmt.Sprintf("audit %q {\n file = %q\n}\n", "main", file))
	_ = g.login()
	session := g.observe.Sessions.All()[0]
	if status, body := g.request(http.MethodPost, "/sessions/"+session.ID+"/kick"); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	g.NoteReload(context.Background(), errors.New("a mistake"))
	if status, body := g.request(http.MethodPost, "/drain"); status != http.StatusAccepted {
		t.Errorf("%d %s", status, body)
	}
	if err := <-g.served; err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rest := string(text)
	for _, want := range []string{
		`"event":"process_started"`, `"version":"v1"`, `"event":"login_succeeded"`, `"event":"session_kicked"`, session.ID, `"user":"u"`, `"reason":"socket"`,
		`"event":"configuration_unchanged"`, `"err":"a mistake"`, `"event":"drain_requested"`, `"event":"process_stopped"`,
	} {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("the audit lacks %s, or has it elsewhere:\n%s", want, text)
		}
		rest = after
	}
	if !strings.Contains(string(text), `"event":"session_ended"`) {
		t.Errorf("the end of the session is missing:\n%s", text)
	}
}
