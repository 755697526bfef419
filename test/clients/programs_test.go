package clients

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestCurl(t *testing.T) { curl().test(t) }

func curl() client { return client{name: "curl", program: "curl", setup: setupCurl} }

func setupCurl(s site, env *testscript.Env) error {
	rc := fmt.Sprintf("silent\nshow-error\nmax-time = 120\nuser = \"%s:%s\"\n", s.user, s.password)
	if s.tls {
		rc += fmt.Sprintf("ssl-reqd\ncacert = %q\n", s.ca)
	}
	env.Setenv("URL", "ftp://"+s.addr)
	env.Setenv("CURL_HOME", env.WorkDir)
	return os.WriteFile(filepath.Join(env.WorkDir, ".curlrc"), []byte(rc), 0o600)
}

func TestLftp(t *testing.T) { lftp().test(t) }

func lftp() client { return client{name: "lftp", program: "lftp", setup: setupLftp} }

func setupLftp(s site, env *testscript.Env) error {
	rc := "set cmd:fail-exit yes\nset net:max-retries 1\nset net:timeout 60\n"
	if s.tls {
		rc += fmt.Sprintf("set ftp:ssl-force yes\nset ftp:ssl-protect-data yes\nset ssl:ca-file %q\n", s.ca)
	} else {
		rc += "set ftp:ssl-allow no\n"
	}
	bookmark := fmt.Sprintf("server\tftp://%s:%s@%s/\n", s.user, url.PathEscape(s.password), s.addr)
	dir := filepath.Join(env.WorkDir, ".lftp")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "rc"), []byte(rc), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "bookmarks"), []byte(bookmark), 0o600)
}

func TestWget(t *testing.T) { wget().test(t) }

func wget() client { return client{name: "wget", program: "wget", setup: setupWget} }

func setupWget(s site, env *testscript.Env) error {
	rc := fmt.Sprintf("user = %s\npassword = %s\ntries = 1\ntimeout = 60\nverbose = off\n", s.user, s.password)
	scheme := "ftp"
	if s.tls {
		// AUTH TLS, unless wget is told that it is implicit.
		scheme = "ftps"
		rc += "ca_certificate = " + s.ca + "\n"
	}
	env.Setenv("URL", scheme+"://"+s.addr)
	return os.WriteFile(filepath.Join(env.WorkDir, ".wgetrc"), []byte(rc), 0o600)
}

func TestTnftp(t *testing.T) { tnftp().test(t) }

func tnftp() client { return client{name: "tnftp", program: "tnftp", plain: true, setup: setupNetrc} }

func TestInetutilsFTP(t *testing.T) { inetutilsFTP().test(t) }

func inetutilsFTP() client {
	return client{name: "inetutils-ftp", program: "inetutils-ftp", plain: true, setup: setupNetrc}
}

// setupNetrc is for the descendants of BSD's ftp.
func setupNetrc(s site, env *testscript.Env) error {
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return err
	}
	env.Setenv("HOST", host)
	env.Setenv("PORT", port)
	env.Setenv("URL", fmt.Sprintf("ftp://%s:%s@%s", s.user, url.PathEscape(s.password), s.addr))
	rc := fmt.Sprintf("machine %s login %s password \"%s\"\n", host, s.user, s.password)
	return os.WriteFile(filepath.Join(env.WorkDir, ".netrc"), []byte(rc), 0o600)
}

func TestNcftp(t *testing.T) { ncftp().test(t) }

func ncftp() client { return client{name: "ncftp", program: "ncftp", plain: true, setup: setupNcftp} }

// setupNcftp is for ncftp, which takes all from its command line, and for the
// programs beside it, which take it from login.cfg.
func setupNcftp(s site, env *testscript.Env) error {
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return err
	}
	env.Setenv("HOST", host)
	env.Setenv("PORT", port)
	env.Setenv("USER", s.user)
	env.Setenv("PASSWORD", s.password)
	login := fmt.Sprintf("host %s\nport %s\nuser %s\npass %s\n", host, port, s.user, s.password)
	return os.WriteFile(filepath.Join(env.WorkDir, "login.cfg"), []byte(login), 0o600)
}

func TestWput(t *testing.T) { wput().test(t) }

func wput() client { return client{name: "wput", program: "wput", setup: setupWput} }

// setupWput keeps wput to TLS 1.2: it takes the tickets of TLS 1.3, which GnuTLS
// reports as nothing read, for the end of the connection.
func setupWput(s site, env *testscript.Env) error {
	env.Setenv("URL", fmt.Sprintf("ftp://%s:%s@%s", s.user, url.PathEscape(s.password), s.addr))
	env.Setenv("SECURITY", "--disable-tls")
	if s.tls {
		env.Setenv("SECURITY", "--force-tls")
	}
	env.Setenv("GNUTLS_SYSTEM_PRIORITY_FILE", filepath.Join(env.WorkDir, "gnutls.conf"))
	return os.WriteFile(env.Getenv("GNUTLS_SYSTEM_PRIORITY_FILE"), []byte("[overrides]\ndisabled-version = tls1.3\n"), 0o600)
}

func TestRcloneFTP(t *testing.T) { rcloneFTP().test(t) }

func rcloneFTP() client { return client{name: "rclone-ftp", program: "rclone", setup: setupRcloneFTP} }

func setupRcloneFTP(s site, env *testscript.Env) error {
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return err
	}
	obscured, err := exec.Command("rclone", "obscure", s.password).Output()
	if err != nil {
		return err
	}
	env.Setenv("SSL_CERT_FILE", s.ca)
	env.Setenv("RCLONE_RETRIES", "1")
	env.Setenv("RCLONE_LOW_LEVEL_RETRIES", "1")
	env.Setenv("RCLONE_CONFIG", filepath.Join(env.WorkDir, "rclone.conf"))
	return os.WriteFile(env.Getenv("RCLONE_CONFIG"), fmt.Appendf(nil,
		"[server]\ntype = ftp\nhost = %s\nport = %s\nuser = %s\npass = %s\nexplicit_tls = %t\n",
		host, port, s.user, obscured, s.tls), 0o600)
}
