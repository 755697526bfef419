package gateway

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/hostmemory"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
)

// outside is a gateway whose tenant contoso has an external authority, beside the listed user
// admin with the password "pw". The store has the file /cameras/01/marker.
type outside struct {
	*testing.T
	*Gateway
	ftp, sftp string // addresses
	log       *logText
	key       ssh.Signer

	mu sync.Mutex
	// answer is what the authority answers.
	answer func(request map[string]any) (status int, body string)
}

func startOutside(t *testing.T) *outside {
	t.Helper()
	leak.Check(t)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o := &outside{T: t, log: &logText{}}
	if o.key, err = ssh.NewSignerFromKey(private); err != nil {
		t.Fatal(err)
	}
	service := httptest.NewServer(http.HandlerFunc(o.serve))
	t.Cleanup(service.Close)
	hash, err := bcrypt.GenerateFromPassword([]byte("pw"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	hostKey := filepath.Join(t.TempDir(), "host.key")
	if err := sftp.EnsureHostKey(hostKey); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`
		node { name = "ftp-1" }
		backend "memory" "a" {}
		frontend "ftp" "public" {
		  listen = "127.0.0.1:0"
		  passive { listen = "127.0.0.1:0" }
		  tls {
		    mode        = "optional"
		    self_signed = true
		  }
		}
		frontend "sftp" "public" {
		  listen         = "127.0.0.1:0"
		  host_key_files = [%q]
		}
		auth "http" "directory" { url = %q }
		tenant "contoso" {
		  hosts = ["ftp.contoso.example"]
		  auth  = auth.http.directory
		  mount "/" { backend = backend.memory.a }
		  mount "/archive" {
		    backend = backend.memory.a
		    path    = "archive-of-all"
		  }
		  user "admin" { password_hash = %q }
		}
		tenant "other" {
		  mount "/" { backend = backend.memory.a }
		}
	`, hostKey, service.URL, hash)
	c, diags := config.Load([]config.Source{{Name: "test.hcl", Bytes: []byte(text)}}, Registry(), hostmemory.Limit{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	log := slog.New(slog.NewTextHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if o.Gateway, err = Open(t.Context(), c, log, nil); err != nil {
		t.Fatal(err)
	}
	o.ftp, o.sftp = o.Servers()[0].Addr().String(), o.Servers()[1].Addr().String()
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- o.Serve(ctx) }()
	t.Cleanup(func() {
		end()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	admin := o.dial("admin", "pw", "")
	for _, dir := range []string{"/cameras", "/cameras/01"} {
		if _, err := admin.Mkdir(dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := admin.Put("/cameras/01/marker", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	return o
}

// logText has what several goroutines write.
type logText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// serve is the authority.
func (o *outside) serve(w http.ResponseWriter, r *http.Request) {
	var request map[string]any
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		o.Error(err)
	}
	o.mu.Lock()
	answer := o.answer
	o.mu.Unlock()
	status, body := answer(request)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// dial logs in over FTP, with TLS for a host if there is one.
func (o *outside) dial(user, password, host string) *ftpclient.Conn {
	o.Helper()
	c, err := o.tryFTP(user, password, host)
	if err != nil {
		o.Fatalf("%s: %v", user, err)
	}
	return c
}

func (o *outside) tryFTP(user, password, host string) (*ftpclient.Conn, error) {
	options := ftpclient.Options{}
	if host != "" {
		options.Security, options.TLS = ftpclient.Explicit, &tls.Config{InsecureSkipVerify: true, ServerName: host} //nolint:gosec // the server is ours
	}
	c, err := ftpclient.Dial(o.Context(), o.ftp, options)
	if err != nil {
		return nil, err
	}
	o.Cleanup(c.Close)
	return c, c.Login(user, password)
}

// trySFTP logs in and reports whether the path exists.
func (o *outside) trySFTP(user, path string, method ssh.AuthMethod) (exists bool, err error) {
	c, err := ssh.Dial("tcp", o.sftp, &ssh.ClientConfig{User: user, Auth: []ssh.AuthMethod{method}, HostKeyCallback: ssh.InsecureIgnoreHostKey()}) //nolint:gosec // the server is ours
	if err != nil {
		return false, err
	}
	defer func() { _ = c.Close() }()
	conn, err := sftpclient.Open(c)
	if err != nil {
		return false, err
	}
	p, err := conn.Ask(wire.TypeStat, sftpclient.String(path))
	return err == nil && p.Kind == wire.TypeAttrs, err
}

func (o *outside) publicKey() string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(o.key.PublicKey())))
}

// examples returns the JSON of a page by the name and the part of its example.
func examples(t *testing.T, page string) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for _, m := range regexp.MustCompile("(?s)<!-- example: (\\w+), (\\w+) -->\n```json\n(.*?)```").FindAllStringSubmatch(page, -1) {
		if all[m[1]] == nil {
			all[m[1]] = map[string]string{}
		}
		all[m[1]][m[2]] = m[3]
	}
	return all
}

func object(t *testing.T, text string) (o map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return o
}

// Every example of the documentation is what the gateway sends and takes, and the adapters
// make of it what the page says.
func TestExternalExamples(t *testing.T) {
	text, err := os.ReadFile("../../../docs/external-auth.md")
	if err != nil {
		t.Fatal(err)
	}
	o := startOutside(t)
	all := examples(t, strings.ReplaceAll(string(text), "PUBLIC-KEY", o.publicKey()))
	if len(all) != 4 {
		t.Errorf("the page has %d examples", len(all))
	}
	same := func(what string, want, got map[string]any) {
		t.Helper()
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: (-documented +got):\n%s", what, d)
		}
	}
	for name, example := range all {
		asked := 0
		o.answerBy(func(request map[string]any) (int, string) {
			asked++
			want := object(t, example["request"])
			if session, _ := request["session"].(string); session == "" {
				t.Errorf("%s: no session", name)
			}
			request["session"] = want["session"]
			same(name+" request", want, request)
			answer := object(t, example["answer"])
			switch name {
			case "aws":
				same("aws event", object(t, example["event"]), toAWS(request))
				same("aws answer", answer, fromAWS(object(t, example["response"])))
			case "sftpgo":
				same("sftpgo event", object(t, example["event"]), toSFTPGo(request))
				same("sftpgo answer", answer, fromSFTPGo(object(t, example["response"]), "/srv/sftpgo/data"))
			}
			return http.StatusOK, example["answer"]
		})
		switch name {
		case "password":
			c := o.dial("camera-01", "correct horse", "ftp.contoso.example")
			if dir, err := c.Pwd(); err != nil || dir != "/01" {
				t.Errorf("the home is %q, %v", dir, err)
			}
			o.wantNames(c, "", "marker")
			o.wantNames(c, "/", "/01")
			if err := c.Delete("marker"); ftpclient.CodeOf(err) != 550 && ftpclient.CodeOf(err) != 553 {
				t.Errorf("DELE without the right: %v", err)
			}
		case "sftpgo":
			o.wantNames(o.dial("contoso/camera-01", "correct horse", ""), "", "marker")
		case "aws":
			if exists, err := o.trySFTP("camera-01@contoso", "/marker", ssh.Password("correct horse")); err != nil || !exists {
				t.Errorf("aws: %v, %v", exists, err)
			}
		case "key":
			if exists, err := o.trySFTP("contoso/camera-01", "/marker", ssh.PublicKeys(o.key)); err != nil || !exists {
				t.Errorf("key: %v, %v", exists, err)
			}
		}
		if asked != 1 {
			t.Errorf("%s: %d requests", name, asked)
		}
	}
}

// The page shows the adapters that the test runs.
func TestExternalAdapters(t *testing.T) {
	text, err := os.ReadFile("../../../docs/external-auth.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("external_examples_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Errorf("%d adapters", len(blocks))
	}
	for _, m := range blocks {
		if !strings.Contains(string(source), m[1]) {
			t.Errorf("this is not what the test runs:\n%s", m[1])
		}
	}
	for _, refused := range []map[string]any{
		fromAWS(nil), fromAWS(map[string]any{"HomeDirectory": "/b/x"}),
		fromSFTPGo(nil, "/d"), fromSFTPGo(map[string]any{"username": "u", "status": 0.0}, "/d"), fromSFTPGo(map[string]any{"status": 1.0}, "/d"),
	} {
		if refused["allow"] != false {
			t.Errorf("%v does not refuse", refused)
		}
	}
	if got := fromSFTPGo(map[string]any{"username": "u", "status": 1.0, "home_dir": "/etc"}, "/d"); got != nil {
		t.Errorf("a home outside of the data directory: %v", got)
	}
}

// What an answer says of the tree is checked as in the configuration. Nobody logs in with a
// wrong one, the client gets the reply to a wrong password, and the log distinguishes the
// service's failures from refusals.
func TestExternalAnswers(t *testing.T) {
	o := startOutside(t)
	o.answers(`{"allow":false}`)
	_, refusal := o.tryFTP("contoso/u", "secret-password", "")
	if ftpclient.CodeOf(refusal) != 530 {
		t.Fatalf("a refusal: %v", refusal)
	}
	o.wantLog(`level=WARN msg="login refused"`, "the authority refuses the login")
	bodies := []string{
		`"root":"/cameras/../.."`, `"root":".."`, `"root":"cameras"`, `"root":""`, `"root":"/a\u0000b"`, `"root":"//../x"`,
		`"home":"../.."`, `"home":"in"`, `"home":"/.."`, `"root":"/cameras","home":"/../01"`,
		`"permissions":[]`, `"permissions":["admin"]`, `"permissions":["list",""]`,
		`"mounts":[]`, `"mounts":["/nowhere"]`, `"mounts":["archive"]`, `"mounts":["/archive/.."]`, `"mounts":["/archive","backend.memory.a"]`,
		`"mounts":["/archive"],"root":"/cameras"`, `"mounts":["/archive"],"home":"/cameras"`,
		`"limits":{"sessions":"many"}`, `"user":"admin"`,
	}
	o.clearLog()
	// The user u7 gets the seventh of them.
	o.answerBy(func(request map[string]any) (int, string) {
		i, err := strconv.Atoi(strings.TrimPrefix(request["username"].(string), "u"))
		if err != nil {
			t.Error(err)
		}
		return http.StatusOK, `{"allow":true,` + bodies[i] + `}`
	})
	var wg sync.WaitGroup
	for i, body := range bodies {
		user := fmt.Sprintf("contoso/u%d", i)
		wg.Go(func() {
			if _, err := o.tryFTP(user, "secret-password", ""); err == nil || err.Error() != refusal.Error() {
				t.Errorf("%s: %v, want %v", body, err, refusal)
			}
		})
		wg.Go(func() {
			if exists, err := o.trySFTP(user, "/", ssh.Password("secret-password")); err == nil {
				t.Errorf("SFTP, %s: %v", body, exists)
			}
		})
	}
	wg.Wait()
	text := o.logged()
	for i, body := range bodies {
		for _, proto := range []string{"ftp", "sftp"} {
			line := regexp.MustCompile(fmt.Sprintf(`msg="login not decided" .*proto=%s .*login=contoso/u%d `, proto, i))
			if !line.MatchString(text) {
				t.Errorf("%s, %s: no line in the log", proto, body)
			}
		}
	}
	if strings.Contains(text, "login refused") || strings.Count(text, "level=ERROR") != 2 {
		t.Errorf("the log is\n%s", text)
	}
	o.answerBy(func(map[string]any) (int, string) { return http.StatusInternalServerError, `{"allow":true}` })
	if _, err := o.tryFTP("contoso/u", "secret-password", ""); err == nil || err.Error() != refusal.Error() {
		t.Errorf("a failure: %v, want %v", err, refusal)
	}
	for _, body := range []string{`{"allow":true,"public_keys":[]}`, `{"allow":true,"public_keys":["ssh-ed25519 AAAA"]}`, `{"allow":false}`} {
		o.answers(body)
		if _, err := o.trySFTP("contoso/u", "/", ssh.PublicKeys(o.key)); err == nil {
			t.Errorf("a key with %s logs in", body)
		}
	}
	// Users that are listed do not need the service, and other tenants' are none of its.
	o.answerBy(func(map[string]any) (int, string) {
		t.Error("the service is asked")
		return http.StatusOK, `{"allow":true}`
	})
	o.dial("contoso/ADMIN", "pw", "")
	for _, user := range []string{"contoso/admin", "u", "other/u", "third/u"} {
		if _, err := o.tryFTP(user, "secret-password", ""); ftpclient.CodeOf(err) != 530 {
			t.Errorf("%s: %v", user, err)
		}
	}
	if text := o.logged(); strings.Contains(text, "secret-password") {
		t.Error("the log has a password")
	}
}

// A service chooses among the tenant's mounts. Sessions of a user have one name, whatever
// its letter case.
func TestExternalMounts(t *testing.T) {
	o := startOutside(t)
	o.answers(`{"allow":true,"mounts":["/archive"],"permissions":["list"]}`)
	c := o.dial("contoso/Camera-01", "x", "")
	o.wantNames(c, "", "archive")
	if err := c.Cd("/cameras"); ftpclient.CodeOf(err) != 550 {
		t.Errorf("CWD outside of the mounts: %v", err)
	}
	o.wantLog("tenant=contoso user=camera-01", "login succeeded")
	o.answers(`{"allow":true}`)
	c = o.dial("CAMERA-01@contoso", "x", "")
	o.wantNames(c, "", "archive cameras")
}

// answerBy makes the authority answer by a function.
func (o *outside) answerBy(f func(request map[string]any) (status int, body string)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = f
}

// answers makes the authority answer with this body.
func (o *outside) answers(body string) {
	o.answerBy(func(map[string]any) (int, string) { return http.StatusOK, body })
}

// wantNames compares the names in a directory, in order and with a space between them.
func (o *outside) wantNames(c *ftpclient.Conn, dir, want string) {
	o.Helper()
	names, err := c.NLST(dir)
	slices.Sort(names)
	if got := strings.Join(names, " "); err != nil || got != want {
		o.Errorf("%q has %q, %v, want %q", dir, got, err, want)
	}
}

func (o *outside) logged() string {
	o.log.mu.Lock()
	defer o.log.mu.Unlock()
	return o.log.text.String()
}

func (o *outside) clearLog() {
	o.log.mu.Lock()
	defer o.log.mu.Unlock()
	o.log.text.Reset()
}

func (o *outside) wantLog(parts ...string) {
	o.Helper()
	for _, part := range parts {
		if text := o.logged(); !strings.Contains(text, part) {
			o.Errorf("the log has no %q:\n%s", part, text)
		}
	}
}
