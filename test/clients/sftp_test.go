package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// sftpClient is a program that scripts run over SFTP. Its scripts find the server
// in the variables HOST, PORT, USER and PASSWORD, with the user's keys in
// ID_ED25519 and so on, of which IDENTITY is the first, and the host's keys in
// KNOWN_HOSTS; OpenSSH's as "server" in ssh_config, and as "bare" without the key.
// Behind the user's name and "-both" stands one who needs a certificate by CA and
// the password.
type sftpClient struct {
	name string
	// programs have to be there; one is a path or is looked up.
	programs []string
	// legacy is for a client that takes nothing else: the server has legacy = true,
	// and all keys are RSA keys.
	legacy bool
	// stores are those that it is run over, nil for all.
	stores []func(testing.TB) store
	// setup prepares what else the client needs.
	setup func(*testscript.Env) error
	// command, when set, is the client itself: the command of its name in scripts,
	// for a library in Go.
	command func(*testscript.TestScript, bool, []string)
}

// sftpClients are all of them.
func sftpClients() []sftpClient {
	return []sftpClient{
		openSSHSftp(), openSSHScp(), psftp(), sshfs(), curlSFTP(), lftpSFTP(), rclone(),
		paramiko(), asyncssh(), ssh2(), jsch(), pkgSFTP(),
	}
}

// test runs the client's scripts over every store.
func (c sftpClient) test(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skipf("needs the built program and %s", c.name)
	}
	c.wantInstalled(t)
	t.Parallel()
	scripts, err := filepath.Glob(filepath.Join("testdata", c.name, "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("testdata/%s holds no scripts (%v)", c.name, err)
	}
	var tenants []string
	for _, script := range scripts {
		tenants = append(tenants, tenantOf(c.name, script))
	}
	stores := c.stores
	if stores == nil {
		stores = []func(testing.TB) store{azuriteStore, localStore}
	}
	for _, newStore := range stores {
		st := newStore(t)
		t.Run(st.name(), func(t *testing.T) {
			t.Parallel()
			c.run(t, scripts, serveSFTP(t, st, tenants, c.legacy), st, nil)
		})
	}
}

// wantInstalled skips the test when the client is not here.
func (c sftpClient) wantInstalled(t *testing.T) {
	t.Helper()
	for _, p := range c.programs {
		_, err := exec.LookPath(p)
		if strings.Contains(p, "/") {
			_, err = os.Stat(p)
		}
		if err != nil {
			t.Skipf("%s is not installed; make test installs it", p)
		}
	}
}

// run runs scripts at once. meeting may be nil.
func (c sftpClient) run(t *testing.T, scripts []string, srv *sftpServer, st store, meeting *meeting) {
	commands := map[string]func(*testscript.TestScript, bool, []string){
		"bytes":  cmdBytes,
		"same":   cmdSame,
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
		Setup:               func(env *testscript.Env) error { return srv.prepare(c, env) },
	})
}
