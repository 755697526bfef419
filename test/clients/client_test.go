package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// client is a program that scripts run.
type client struct {
	name     string
	protocol protocol
	// needs have to be there: programs, which are looked up, and files, which are paths.
	needs []string
	// plain is set for a client of FTP that has no explicit TLS.
	plain bool
	// legacy is for a client of SFTP that takes nothing else: the gateway has
	// legacy = true, and all keys are RSA keys. One store is enough for that.
	legacy bool
	// alone is set for a client without sessions, which cannot wait for others in one.
	alone bool
	// paths are variables with files, which may be relative to this directory.
	paths map[string]string
	// java is the source of a program in Java, "Client" in scripts.
	java string
	// setup prepares what the client needs in addition to site.prepare.
	setup func(site, *testscript.Env) error
	// command, when set, is the client itself: the command of its name in scripts,
	// for a library in Go.
	command func(*testscript.TestScript, bool, []string)
}

// protocol is what a client speaks.
type protocol string

const (
	overFTP  protocol = "ftp"
	overSFTP protocol = "sftp"
)

// clients are all of them.
func clients() []client {
	return slices.Concat(ftpPrograms(), ftpLibraries(), sftpPrograms(), sftpLibraries())
}

func speaking(p protocol, all ...client) []client {
	for i := range all {
		all[i].protocol = p
	}
	return all
}

// TestClients runs the scripts of every client over both stores and, if the client supports TLS,
// in both modes: without TLS over one store and with TLS over the other. This is enough, because
// store and TLS do not affect each other. The scripts of all clients share one gateway for each
// store.
func TestClients(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program and the clients")
	}
	var modern, legacy []run
	for _, c := range clients() {
		for _, script := range c.scripts(t) {
			for _, tls := range c.modes() {
				if r := (run{c, script, tls}); c.legacy {
					legacy = append(legacy, r)
				} else {
					modern = append(modern, r)
				}
			}
		}
	}
	onAzurite := serve(t, azuriteStore(t), tenantsOf(modern), false)
	onDisk := serve(t, localStore(t), tenantsOf(modern), false)
	forLegacy := serve(t, localStore(t), tenantsOf(legacy), true)
	turns := make(chan struct{}, atOnceAtMost)
	for _, c := range clients() {
		t.Run(c.name, func(t *testing.T) {
			c.wantInstalled(t)
			t.Parallel()
			c := c.built(t)
			over := func(g *gateway, modes []bool) {
				for _, tls := range modes {
					t.Run(g.store.name()+" "+modeOf(tls), func(t *testing.T) {
						t.Parallel()
						c.run(t, c.scripts(t), g, tls, turns, nil)
					})
				}
			}
			if c.legacy {
				over(forLegacy, c.modes())
				return
			}
			modes := c.modes()
			over(onDisk, modes[:1])
			over(onAzurite, modes[len(modes)-1:])
		})
	}
}

// atOnceAtMost is how many scripts run at once, where that is not what is tested.
const atOnceAtMost = 8

// scripts returns the files of the client's scripts.
func (c client) scripts(t *testing.T) []string {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join("testdata", c.name, "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("testdata/%s holds no scripts (%v)", c.name, err)
	}
	return scripts
}

// modes are without and with TLS, as far as the client goes.
func (c client) modes() []bool {
	if c.plain || c.protocol == overSFTP {
		return []bool{false}
	}
	return []bool{false, true}
}

// wantInstalled skips the test when the client is not here.
func (c client) wantInstalled(t *testing.T) {
	t.Helper()
	for _, need := range c.needs {
		_, err := exec.LookPath(need)
		if strings.Contains(need, "/") {
			_, err = os.Stat(need)
		}
		if err != nil {
			t.Skipf("%s is not installed (%v); make test installs it", c.name, err)
		}
	}
}

// run runs scripts at once, as many as turns has places. turns and meeting may be nil.
func (c client) run(t *testing.T, scripts []string, g *gateway, tls bool, turns chan struct{}, m *meeting) {
	commands := map[string]func(*testscript.TestScript, bool, []string){
		"bytes":  cmdBytes,
		"same":   cmdSame,
		"given":  cmdGiven(g.store),
		"meet":   m.cmdMeet,
		"stored": cmdStored(g.store),
	}
	if c.command != nil {
		commands[c.name] = c.command
	}
	testscript.Run(t, testscript.Params{
		Files:               scripts,
		RequireExplicitExec: true,
		Cmds:                commands,
		Setup: func(env *testscript.Env) error {
			if turns != nil {
				turns <- struct{}{}
				env.Defer(func() { <-turns })
			}
			// testscript names its directories after the scripts.
			s := site{gateway: g, client: c, tls: tls, user: run{c, strings.TrimPrefix(filepath.Base(env.WorkDir), "script-"), tls}.tenant()}
			return s.prepare(env)
		},
	})
}

// run is one run of a script.
type run struct {
	client client
	script string
	tls    bool
}

// tenant names the tenant of a run, its user and its directory.
func (r run) tenant() string {
	script := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(r.script), ".txtar"), "#", "-")
	if r.client.protocol == overSFTP {
		return r.client.name + "-" + script
	}
	return r.client.name + "-" + script + "-" + modeOf(r.tls)
}

func tenantsOf(runs []run) []string {
	var names []string
	for _, r := range runs {
		names = append(names, r.tenant())
	}
	return names
}

func modeOf(tls bool) string {
	if tls {
		return "tls"
	}
	return "plain"
}
