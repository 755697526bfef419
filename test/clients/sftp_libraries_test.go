package clients

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// debianPython is the interpreter that Debian's modules are for.
const debianPython = "/usr/bin/python3"

func TestParamiko(t *testing.T) { paramiko().test(t) }

func paramiko() sftpClient {
	return sftpClient{
		name: "paramiko", programs: []string{debianPython, "/usr/lib/python3/dist-packages/paramiko"},
		setup: func(env *testscript.Env) error { return setupPython(env, "testdata/paramiko") },
	}
}

func TestAsyncssh(t *testing.T) { asyncssh().test(t) }

func asyncssh() sftpClient {
	return sftpClient{
		name: "asyncssh", programs: []string{debianPython, "/usr/lib/python3/dist-packages/asyncssh"},
		setup: func(env *testscript.Env) error { return setupPython(env, "testdata/asyncssh") },
	}
}

// setupPython shows client.py, which is in dir.
func setupPython(env *testscript.Env, dir string) error {
	env.Setenv("PYTHON", debianPython)
	env.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	env.Setenv("PYTHONUTF8", "1")
	env.Setenv("PYTHONWARNINGS", "ignore")
	return setPath(env, "PYTHONPATH", dir)
}

func TestSSH2(t *testing.T) { ssh2().test(t) }

func ssh2() sftpClient {
	return sftpClient{
		name: "ssh2", programs: []string{"node", "testdata/ssh2/node_modules/ssh2-sftp-client/package.json"},
		setup: func(env *testscript.Env) error { return setPath(env, "NODE_PATH", "testdata/ssh2/node_modules") },
	}
}

func TestJSch(t *testing.T) { jsch().test(t) }

// TestJSchLegacy has a host key and a user's key for which JSch needs legacy.
func TestJSchLegacy(t *testing.T) {
	c := jsch()
	c.name, c.legacy = "jsch-legacy", true
	c.stores = []func(testing.TB) store{localStore} // it is about the login
	c.test(t)
}

func jsch() sftpClient {
	return sftpClient{name: "jsch", programs: []string{"javac", jschJar}, setup: setupJSch}
}

const jschJar = "/usr/share/java/jsch.jar"

// setupJSch has Client.java run from its source, which takes a JDK.
func setupJSch(env *testscript.Env) error {
	env.Setenv("CLASSPATH", jschJar)
	return setPath(env, "CLIENT", "testdata/jsch/Client.java")
}

func setPath(env *testscript.Env, name, path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	env.Setenv(name, abs)
	return nil
}
