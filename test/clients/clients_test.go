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
	// program has to be installed, and files, where it has some.
	program string
	files   string
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

// clients are all of them.
func clients() []client { return []client{curl(), lftp(), wget(), ftplib(), basicFTP()} }

func TestCurl(t *testing.T) { curl().test(t) }

func curl() client { return client{name: "curl", program: "curl", setup: setupCurl} }

func setupCurl(s site, env *testscript.Env) error {
	rc := fmt.Sprintf("silent\nshow-error\nmax-time = 120\nuser = \"%s:%s\"\n", s.user, s.password)
	if s.tls {
		rc += fmt.Sprintf("ssl-reqd\ncacert = %q\n", s.ca)
	}
	env.Setenv("URL", "ftp://"+s.addr)
	env.Setenv("CURL_HOME", env.WorkDir)
	return os.WriteFile(filepath.Join(env.WorkDir, ".curlrc"), []byte(rc), 0o600)
}

func TestLftp(t *testing.T) { lftp().test(t) }

func lftp() client { return client{name: "lftp", program: "lftp", setup: setupLftp} }

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

func TestWget(t *testing.T) { wget().test(t) }

func wget() client { return client{name: "wget", program: "wget", setup: setupWget} }

func setupWget(s site, env *testscript.Env) error {
	rc := fmt.Sprintf("user = %s\npassword = %s\ntries = 1\ntimeout = 60\nverbose = off\n", s.user, s.password)
	scheme := "ftp"
	if s.tls {
		// AUTH TLS, unless wget is told that it is implicit.
		scheme = "ftps"
		rc += "ca_certificate = " + s.ca + "\n"
	}
	env.Setenv("URL", scheme+"://"+s.addr)
	return os.WriteFile(filepath.Join(env.WorkDir, ".wgetrc"), []byte(rc), 0o600)
}

func TestFtplib(t *testing.T) { ftplib().test(t) }

func ftplib() client { return client{name: "ftplib", program: "python3", setup: setupFtplib} }

func setupFtplib(s site, env *testscript.Env) error {
	env.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	env.Setenv("PYTHONUTF8", "1")
	return setupLibrary(s, env, "PYTHONPATH", "testdata/ftplib")
}

func TestBasicFTP(t *testing.T) { basicFTP().test(t) }

func basicFTP() client {
	return client{
		name: "basic-ftp", program: "node", files: "testdata/basic-ftp/node_modules/basic-ftp/package.json", setup: setupBasicFTP,
	}
}

func setupBasicFTP(s site, env *testscript.Env) error {
	return setupLibrary(s, env, "NODE_PATH", "testdata/basic-ftp")
}

// setupLibrary lets scripts find the server in their environment, and what they
// all begin with, the client that is named so in dir, in the path of their
// language.
func setupLibrary(s site, env *testscript.Env, path, dir string) error {
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	for _, kv := range [][2]string{
		{"HOST", host},
		{"PORT", port},
		{"USER", s.user},
		{"PASSWORD", s.password},
		{"MODE", modeOf(s.tls)},
		{"CA", s.ca},
		{path, dir},
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
	c.wantInstalled(t)
	t.Parallel()
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
			t.Parallel()
			srv := serve(t, st, tenants)
			for _, tls := range []bool{false, true} {
				t.Run(modeOf(tls), func(t *testing.T) {
					t.Parallel()
					c.run(t, scripts, srv, st, tls, nil)
				})
			}
		})
	}
}

// wantInstalled skips the test when the client is not here.
func (c client) wantInstalled(t *testing.T) {
	t.Helper()
	_, err := exec.LookPath(c.program)
	if err == nil && c.files != "" {
		_, err = os.Stat(c.files)
	}
	if err != nil {
		t.Skipf("%s is not installed (%v); make test installs it", c.name, err)
	}
}

// run runs scripts at once. meeting may be nil.
func (c client) run(t *testing.T, scripts []string, srv *server, st store, tls bool, meeting *meeting) {
	testscript.Run(t, testscript.Params{
		Files:               scripts,
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"bytes":  cmdBytes,
			"same":   cmdSame,
			"given":  cmdGiven(st),
			"meet":   meeting.cmdMeet,
			"stored": cmdStored(st),
		},
		Setup: func(env *testscript.Env) error {
			// testscript names its directories after the scripts.
			tenant := tenantOf(modeOf(tls), strings.TrimPrefix(filepath.Base(env.WorkDir), "script-"))
			env.Values[tenantKey{}] = tenant
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("LC_ALL", "C.UTF-8")
			env.Setenv("PATH", os.Getenv("PATH"))
			t := env.T().(testing.TB)
			t.Cleanup(func() {
				if t.Failed() {
					about := srv.Lines(func(line string) bool { return strings.Contains(line, tenant) })
					t.Logf("the server's log of %s:\n%s", tenant, strings.Join(about, "\n"))
				}
			})
			return c.setup(site{addr: srv.addr, user: tenant, password: password, tls: tls, ca: srv.ca}, env)
		},
	})
}

// tenantKey is where a script's tenant is kept for its commands.
type tenantKey struct{}

func modeOf(tls bool) string {
	if tls {
		return "tls"
	}
	return "plain"
}

// tenantOf names the tenant, its user and its directory for one run of a script.
func tenantOf(mode, script string) string {
	script = strings.TrimSuffix(filepath.Base(script), ".txtar")
	return mode + "-" + strings.ReplaceAll(script, "#", "-")
}
