package clients

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"
)

// sftpPrograms are the programs that speak SFTP.
func sftpPrograms() []client {
	return speaking(overSFTP,
		client{name: "sftp", needs: []string{"sftp"}},
		client{name: "scp", needs: []string{"scp"}},
		client{name: "psftp", needs: []string{"psftp"}, setup: setupPsftp},
		client{name: "sshfs", needs: []string{"sshfs", "/dev/fuse"}},
		client{name: "curl-sftp", needs: []string{"curl"}, setup: setupCurlSFTP},
		client{name: "lftp-sftp", needs: []string{"lftp", "ssh"}, setup: setupLftpSFTP},
		client{name: "rclone", needs: []string{"rclone"}, setup: setupRclone},
	)
}

// setupPsftp names the fingerprint of the host key: PuTTY has a format of its own for known
// hosts.
func setupPsftp(s site, env *testscript.Env) error {
	text, err := os.ReadFile(s.hostKey)
	if err != nil {
		return err
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return err
	}
	env.Setenv("FINGERPRINT", ssh.FingerprintSHA256(key))
	return nil
}

// setupCurlSFTP writes the host's keys where libssh2 looks for them.
func setupCurlSFTP(s site, env *testscript.Env) error {
	known, err := os.ReadFile(s.knownHosts)
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(env.WorkDir, ".ssh"), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(env.WorkDir, ".ssh", "known_hosts"), known, 0o600); err != nil {
		return err
	}
	env.Setenv("URL", "sftp://"+s.addr())
	env.Setenv("SCP_URL", "scp://"+s.addr())
	env.Setenv("CURL_HOME", env.WorkDir)
	return os.WriteFile(filepath.Join(env.WorkDir, ".curlrc"), []byte(curlRC(s)), 0o600)
}

// setupLftpSFTP has OpenSSH's ssh, which lftp speaks SFTP through, log in with the key.
func setupLftpSFTP(s site, env *testscript.Env) error {
	rc := lftpRC() + fmt.Sprintf("set sftp:connect-program \"ssh -a -x -F %s\"\n", env.Getenv("SSH_CONFIG"))
	dir := filepath.Join(env.WorkDir, ".lftp")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "rc"), []byte(rc), 0o600); err != nil {
		return err
	}
	bookmark := fmt.Sprintf("server\tsftp://%s:@server/\n", s.user)
	return os.WriteFile(filepath.Join(dir, "bookmarks"), []byte(bookmark), 0o600)
}

func setupRclone(s site, env *testscript.Env) error {
	obscured, err := exec.Command("rclone", "obscure", password).Output()
	if err != nil {
		return err
	}
	env.Setenv("RCLONE_CONFIG", filepath.Join(env.WorkDir, "rclone.conf"))
	return os.WriteFile(env.Getenv("RCLONE_CONFIG"), fmt.Appendf(nil,
		"[server]\ntype = sftp\nhost = %s\nport = %s\nuser = %s\npass = %s\nknown_hosts_file = %s\nshell_type = none\n",
		env.Getenv("HOST"), env.Getenv("PORT"), s.user, obscured, s.knownHosts), 0o600)
}
