package clients

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// client is a program that scripts run.
type client struct {
	name string
	// program has to be installed.
	program string
	// setup tells the client where the server is.
	setup func(site, *testscript.Env) error
}

// site is where one script finds the server.
type site struct {
	addr           string
	user, password string
	tls            bool
	// ca is the file with the server's certificate.
	ca string
}

func TestCurl(t *testing.T) {
	client{name: "curl", program: "curl", setup: setupCurl}.test(t)
}

func setupCurl(s site, env *testscript.Env) error {
	rc := fmt.Sprintf("silent\nshow-error\nmax-time = 120\nuser = \"%s:%s\"\n", s.user, s.password)
	if s.tls {
		rc += fmt.Sprintf("ssl-reqd\ncacert = %q\n", s.ca)
	}
	env.Setenv("URL", "ftp://"+s.addr)
	env.Setenv("CURL_HOME", env.WorkDir)
	return os.WriteFile(filepath.Join(env.WorkDir, ".curlrc"), []byte(rc), 0o600)
}

func TestLftp(t *testing.T) {
	client{name: "lftp", program: "lftp", setup: setupLftp}.test(t)
}

func setupLftp(s site, env *testscript.Env) error {
	rc := "set cmd:fail-exit yes\nset net:max-retries 1\nset net:timeout 60\n"
	if s.tls {
		rc += fmt.Sprintf("set ftp:ssl-force yes\nset ftp:ssl-protect-data yes\nset ssl:ca-file %q\n", s.ca)
	} else {
		rc += "set ftp:ssl-allow no\n"
	}
	bookmark := fmt.Sprintf("server\tftp://%s:%s@%s/\n", s.user, url.PathEscape(s.password), s.addr)
	dir := filepath.Join(env.WorkDir, ".lftp")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "rc"), []byte(rc), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "bookmarks"), []byte(bookmark), 0o600)
}

func TestFtplib(t *testing.T) {
	client{name: "ftplib", program: "python3", setup: setupFtplib}.test(t)
}

func setupFtplib(s site, env *testscript.Env) error {
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return err
	}
	lib, err := filepath.Abs("testdata/ftplib") // holds client.py
	if err != nil {
		return err
	}
	mode := "plain"
	if s.tls {
		mode = "tls"
	}
	for _, kv := range [][2]string{
		{"HOST", host},
		{"PORT", port},
		{"USER", s.user},
		{"PASSWORD", s.password},
		{"MODE", mode},
		{"CA", s.ca},
		{"PYTHONPATH", lib},
		{"PYTHONDONTWRITEBYTECODE", "1"},
		{"PYTHONUTF8", "1"},
	} {
		env.Setenv(kv[0], kv[1])
	}
	return nil
}

// test runs the client's scripts over every store, with and without TLS.
func (c client) test(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skipf("needs the built program and %s", c.program)
	}
	if _, err := exec.LookPath(c.program); err != nil {
		t.Skipf("%s is not installed; make test installs it", c.program)
	}
	scripts, err := filepath.Glob(filepath.Join("testdata", c.name, "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("testdata/%s holds no scripts (%v)", c.name, err)
	}
	var tenants []string
	for _, script := range scripts {
		tenants = append(tenants, tenantOf("plain", script), tenantOf("tls", script))
	}
	for _, st := range []store{azuriteStore(t), localStore(t)} {
		t.Run(st.name(), func(t *testing.T) {
			srv := serve(t, st, tenants)
			t.Run("plain", func(t *testing.T) { c.run(t, scripts, srv, st, false) })
			t.Run("tls", func(t *testing.T) { c.run(t, scripts, srv, st, true) })
		})
	}
}

func (c client) run(t *testing.T, scripts []string, srv *server, st store, tls bool) {
	mode := "plain"
	if tls {
		mode = "tls"
	}
	testscript.Run(t, testscript.Params{
		Files:               scripts,
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"bytes":  cmdBytes,
			"same":   cmdSame,
			"stored": cmdStored(st),
		},
		Setup: func(env *testscript.Env) error {
			// testscript names its directories after the scripts.
			tenant := tenantOf(mode, strings.TrimPrefix(filepath.Base(env.WorkDir), "script-"))
			env.Values[tenantKey{}] = tenant
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("LC_ALL", "C.UTF-8")
			env.Setenv("PATH", os.Getenv("PATH"))
			t := env.T().(testing.TB)
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("the server's log of %s:\n%s", tenant, srv.log.about(tenant))
				}
			})
			return c.setup(site{addr: srv.addr, user: tenant, password: password, tls: tls, ca: srv.ca}, env)
		},
	})
}

// tenantKey is where a script's tenant is kept for its commands.
type tenantKey struct{}

// tenantOf names the tenant, its user and its directory for one run of a script.
func tenantOf(mode, script string) string {
	return mode + "-" + strings.TrimSuffix(filepath.Base(script), ".txtar")
}
