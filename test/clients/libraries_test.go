package clients

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

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
