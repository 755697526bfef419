package clients

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// ftpLibraries are the libraries that speak FTP. Most scripts begin with what they all
// begin with, the file client.* of their directory, which they find in the path of their language.
func ftpLibraries() []client {
	return speaking(overFTP,
		client{name: "ftplib", needs: []string{"python3"}, paths: map[string]string{"PYTHONPATH": "testdata/ftplib"}, setup: setupPython},
		client{
			name: "basic-ftp", needs: []string{"node", "testdata/basic-ftp/node_modules/basic-ftp/package.json"},
			paths: map[string]string{"NODE_PATH": "testdata/basic-ftp"},
		},
		client{
			name: "net-ftp", needs: []string{"perl", "/usr/share/perl5/IO/Socket/SSL.pm"},
			paths: map[string]string{"PERL5LIB": "testdata/net-ftp"},
		},
		client{name: "php", needs: []string{"php"}, paths: map[string]string{"INCLUDE": "testdata/php"}, setup: setupPHP},
		client{
			name: "commons-net", needs: []string{"javac", "/usr/share/java/commons-net.jar"},
			java: "testdata/commons-net/Client.java", paths: map[string]string{"CLASSPATH": "/usr/share/java/commons-net.jar"},
		},
		// Java's own client, behind java.net.URL, which knows no TLS.
		client{name: "java-url", needs: []string{"javac"}, plain: true, alone: true, java: "testdata/java-url/Client.java"},
		// github.com/jlaffaye/ftp, which is a library in Go.
		client{name: "jlaffaye", command: cmdJlaffaye},
	)
}

// debianPython is the interpreter that Debian's modules are for.
const (
	debianPython = "/usr/bin/python3"
	modules      = "/usr/lib/python3/dist-packages/"
)

// sftpLibraries are the libraries that speak SFTP.
func sftpLibraries() []client {
	const jar = "/usr/share/java/jsch.jar"
	jsch := client{
		name: "jsch", needs: []string{"javac", jar}, java: "testdata/jsch/Client.java", paths: map[string]string{"CLASSPATH": jar},
	}
	// A host key and a user's key for which JSch needs legacy.
	jschLegacy := jsch
	jschLegacy.name, jschLegacy.legacy, jschLegacy.alone = "jsch-legacy", true, true
	return speaking(overSFTP,
		client{
			name: "paramiko", needs: []string{debianPython, modules + "paramiko"},
			paths: map[string]string{"PYTHON": debianPython, "PYTHONPATH": "testdata/paramiko"}, setup: setupPython,
		},
		client{
			name: "asyncssh", needs: []string{debianPython, modules + "asyncssh"},
			paths: map[string]string{"PYTHON": debianPython, "PYTHONPATH": "testdata/asyncssh"}, setup: setupPython,
		},
		client{
			name: "ssh2", needs: []string{"node", "testdata/ssh2/node_modules/ssh2-sftp-client/package.json"},
			paths: map[string]string{"NODE_PATH": "testdata/ssh2/node_modules"},
		},
		jsch, jschLegacy,
		// github.com/pkg/sftp, which is a library in Go.
		client{name: "pkg-sftp", command: cmdPkgSFTP},
	)
}

func setupPython(_ site, env *testscript.Env) error {
	env.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	env.Setenv("PYTHONUTF8", "1")
	env.Setenv("PYTHONWARNINGS", "ignore")
	return nil
}

// javaOptions have a program start fast that ends soon.
const javaOptions = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

// setupPHP names client.php in a configuration, since PHP has no variable for it.
func setupPHP(_ site, env *testscript.Env) error {
	env.Setenv("PHP_INI_SCAN_DIR", ":"+env.WorkDir) // behind Debian's, which loads the extension
	return os.WriteFile(filepath.Join(env.WorkDir, "include.ini"),
		fmt.Appendf(nil, "include_path = %q\n", env.Getenv("INCLUDE")), 0o600)
}

// built returns the client with its classes, when it is a program in Java: to compile
// them for each run takes a hundred times as long as to run them.
func (c client) built(t *testing.T) client {
	t.Helper()
	if c.java == "" {
		return c
	}
	dir, jar := t.TempDir(), c.paths["CLASSPATH"]
	javac := exec.CommandContext(t.Context(), "javac", "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-proc:none", "-d", dir, c.java)
	javac.Env = append(javac.Environ(), "CLASSPATH="+jar)
	if out, err := javac.CombinedOutput(); err != nil {
		t.Fatalf("javac: %v\n%s", err, out)
	}
	c.paths = map[string]string{"CLASSPATH": dir + string(filepath.ListSeparator) + jar}
	return c
}
