package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/crypto/ssh"

	sftpfrontend "github.com/tidegate/tidegate/frontends/sftp"
)

// hostAlias is what OpenSSH knows the gateway as, whatever its port is.
const hostAlias = "gateway"

// keys are the SSH keys of the run: the gateway's, which clients pin, and the
// one that the user logs in with.
type keys struct {
	host, user ssh.Signer
	// hostFile and userFile hold them, knownHosts is a file of OpenSSH's.
	hostFile, userFile, knownHosts string
}

func newKeys(dir string) (*keys, error) {
	k := &keys{
		hostFile: filepath.Join(dir, "host"), userFile: filepath.Join(dir, "user"), knownHosts: filepath.Join(dir, "known_hosts"),
	}
	for _, key := range []struct {
		file   string
		signer *ssh.Signer
	}{{k.hostFile, &k.host}, {k.userFile, &k.user}} {
		if err := sftpfrontend.EnsureHostKey(key.file); err != nil {
			return nil, err
		}
		text, err := os.ReadFile(key.file)
		if err != nil {
			return nil, err
		}
		if *key.signer, err = ssh.ParsePrivateKey(text); err != nil {
			return nil, fmt.Errorf("%s: %w", key.file, err)
		}
	}
	known := hostAlias + " " + line(k.host)
	return k, os.WriteFile(k.knownHosts, []byte(known), 0o600)
}

func line(key ssh.Signer) string { return string(ssh.MarshalAuthorizedKey(key.PublicKey())) }
