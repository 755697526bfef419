package clients

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"
)

func TestOpenSSHSftp(t *testing.T) { openSSHSftp().test(t) }

func openSSHSftp() sftpClient { return sftpClient{name: "sftp", programs: []string{"sftp"}} }

func TestOpenSSHScp(t *testing.T) { openSSHScp().test(t) }

func openSSHScp() sftpClient { return sftpClient{name: "scp", programs: []string{"scp"}} }

func TestPsftp(t *testing.T) { psftp().test(t) }

func psftp() sftpClient {
	return sftpClient{name: "psftp", programs: []string{"psftp"}, setup: setupPsftp}
}

// setupPsftp tells PuTTY, which has a format of its own for known hosts, the
// fingerprint of the host key.
func setupPsftp(env *testscript.Env) error {
	text, err := os.ReadFile(env.Getenv("HOST_KEY"))
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

func TestSshfs(t *testing.T) { sshfs().test(t) }

func sshfs() sftpClient { return sftpClient{name: "sshfs", programs: []string{"sshfs", "/dev/fuse"}} }

func TestCurlSFTP(t *testing.T) { curlSFTP().test(t) }

func curlSFTP() sftpClient {
	return sftpClient{name: "curl-sftp", programs: []string{"curl"}, setup: setupCurlSFTP}
}

// setupCurlSFTP shows the host's keys to libssh2 where it looks for them.
func setupCurlSFTP(env *testscript.Env) error {
	known, err := os.ReadFile(env.Getenv("KNOWN_HOSTS"))
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(env.WorkDir, ".ssh"), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(env.WorkDir, ".ssh", "known_hosts"), known, 0o600); err != nil {
		return err
	}
	addr := env.Getenv("HOST") + ":" + env.Getenv("PORT")
	env.Setenv("URL", "sftp://"+addr)
	env.Setenv("SCP_URL", "scp://"+addr)
	env.Setenv("CURL_HOME", env.WorkDir)
	rc := fmt.Sprintf("silent\nshow-error\nmax-time = 120\nuser = \"%s:%s\"\n", env.Getenv("USER"), env.Getenv("PASSWORD"))
	return os.WriteFile(filepath.Join(env.WorkDir, ".curlrc"), []byte(rc), 0o600)
}

func TestLftpSFTP(t *testing.T) { lftpSFTP().test(t) }

func lftpSFTP() sftpClient {
	return sftpClient{name: "lftp-sftp", programs: []string{"lftp", "ssh"}, setup: setupLftpSFTP}
}

// setupLftpSFTP has OpenSSH's ssh, which lftp speaks SFTP through, log in with the key.
func setupLftpSFTP(env *testscript.Env) error {
	rc := fmt.Sprintf("set cmd:fail-exit yes\nset net:max-retries 1\nset net:timeout 60\n"+
		"set sftp:connect-program \"ssh -a -x -F %s\"\n", env.Getenv("SSH_CONFIG"))
	dir := filepath.Join(env.WorkDir, ".lftp")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "rc"), []byte(rc), 0o600); err != nil {
		return err
	}
	bookmark := fmt.Sprintf("server\tsftp://%s:@server/\n", env.Getenv("USER"))
	return os.WriteFile(filepath.Join(dir, "bookmarks"), []byte(bookmark), 0o600)
}

func TestRclone(t *testing.T) { rclone().test(t) }

func rclone() sftpClient {
	return sftpClient{name: "rclone", programs: []string{"rclone"}, setup: setupRclone}
}

func setupRclone(env *testscript.Env) error {
	obscured, err := exec.Command("rclone", "obscure", env.Getenv("PASSWORD")).Output()
	if err != nil {
		return err
	}
	env.Setenv("RCLONE_CONFIG", filepath.Join(env.WorkDir, "rclone.conf"))
	return os.WriteFile(env.Getenv("RCLONE_CONFIG"), fmt.Appendf(nil,
		"[server]\ntype = sftp\nhost = %s\nport = %s\nuser = %s\npass = %s\nknown_hosts_file = %s\nshell_type = none\n",
		env.Getenv("HOST"), env.Getenv("PORT"), env.Getenv("USER"), obscured, env.Getenv("KNOWN_HOSTS")), 0o600)
}
