package clients

import (
	"fmt"
	"net"
	"os"
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

func TestNetFTP(t *testing.T) { netFTP().test(t) }

func netFTP() client {
	return client{name: "net-ftp", program: "perl", files: "/usr/share/perl5/IO/Socket/SSL.pm", setup: setupNetFTP}
}

func setupNetFTP(s site, env *testscript.Env) error {
	return setupLibrary(s, env, "PERL5LIB", "testdata/net-ftp")
}

func TestPHP(t *testing.T) { php().test(t) }

func php() client { return client{name: "php", program: "php", setup: setupPHP} }

// setupPHP shows client.php by a configuration, since PHP has no variable for it.
func setupPHP(s site, env *testscript.Env) error {
	if err := setupLibrary(s, env, "INCLUDE", "testdata/php"); err != nil {
		return err
	}
	env.Setenv("PHP_INI_SCAN_DIR", ":"+env.WorkDir) // behind Debian's, which loads the extension
	return os.WriteFile(filepath.Join(env.WorkDir, "include.ini"),
		fmt.Appendf(nil, "include_path = %q\n", env.Getenv("INCLUDE")), 0o600)
}

func TestCommonsNet(t *testing.T) { commonsNet().test(t) }

func commonsNet() client {
	return client{name: "commons-net", program: "javac", files: commonsNetJar, setup: setupCommonsNet}
}

const commonsNetJar = "/usr/share/java/commons-net.jar"

// setupCommonsNet has Client.java run from its source, which takes a JDK.
func setupCommonsNet(s site, env *testscript.Env) error {
	if err := setupLibrary(s, env, "CLIENT", "testdata/commons-net/Client.java"); err != nil {
		return err
	}
	env.Setenv("CLASSPATH", commonsNetJar)
	return nil
}

// TestJavaURL is not in TestTogether: java.net.URL has no sessions that could meet.
func TestJavaURL(t *testing.T) { javaURL().test(t) }

// javaURL is Java's own client, behind java.net.URL, which knows no TLS.
func javaURL() client {
	return client{name: "java-url", program: "javac", plain: true, setup: setupJavaURL}
}

func setupJavaURL(s site, env *testscript.Env) error {
	return setupLibrary(s, env, "CLIENT", "testdata/java-url/Client.java")
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
