package clients

import (
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
	// plain is set for a client that knows no explicit TLS.
	plain bool
	// setup tells the client where the server is.
	setup func(site, *testscript.Env) error
	// command, when set, is the client itself: the command of its name in scripts,
	// for a library in Go.
	command func(*testscript.TestScript, bool, []string)
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
func clients() []client {
	return []client{
		curl(), lftp(), wget(), tnftp(), inetutilsFTP(), ncftp(), wput(), rcloneFTP(),
		ftplib(), basicFTP(), netFTP(), php(), commonsNet(), jlaffaye(),
	}
}

// test runs the client's scripts over every store, and over one of them with TLS
// too: a store does not know of it.
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
		for _, tls := range c.modes() {
			tenants = append(tenants, tenantOf(modeOf(tls), script))
		}
	}
	for st, modes := range map[store][]bool{azuriteStore(t): c.modes(), localStore(t): c.modes()[:1]} {
		t.Run(st.name(), func(t *testing.T) {
			t.Parallel()
			srv := serve(t, st, tenants)
			for _, tls := range modes {
				t.Run(modeOf(tls), func(t *testing.T) {
					t.Parallel()
					c.run(t, scripts, srv, st, tls, nil)
				})
			}
		})
	}
}

// modes are without and with TLS, as far as the client goes.
func (c client) modes() []bool {
	if c.plain {
		return []bool{false}
	}
	return []bool{false, true}
}

// wantInstalled skips the test when the client is not here.
func (c client) wantInstalled(t *testing.T) {
	t.Helper()
	if c.command != nil {
		return
	}
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
	commands := map[string]func(*testscript.TestScript, bool, []string){
		"bytes":  cmdBytes,
		"same":   cmdSame,
		"given":  cmdGiven(st),
		"meet":   meeting.cmdMeet,
		"stored": cmdStored(st),
	}
	if c.command != nil {
		commands[c.name] = c.command
	}
	testscript.Run(t, testscript.Params{
		Files:               scripts,
		RequireExplicitExec: true,
		Cmds:                commands,
		Setup: func(env *testscript.Env) error {
			// testscript names its directories after the scripts.
			tenant := tenantOf(modeOf(tls), strings.TrimPrefix(filepath.Base(env.WorkDir), "script-"))
			env.Values[tenantKey{}] = tenant
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("LC_ALL", "C.UTF-8")
			env.Setenv("PATH", os.Getenv("PATH"))
			srv.showLogOf(env.T().(testing.TB), tenant)
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
