package clients

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// ftpPrograms are the programs that speak FTP.
func ftpPrograms() []client {
	return speaking(overFTP,
		client{name: "curl", needs: []string{"curl"}, setup: setupCurl},
		client{name: "lftp", needs: []string{"lftp"}, setup: setupLftp},
		client{name: "wget", needs: []string{"wget"}, setup: setupWget},
		client{name: "tnftp", needs: []string{"tnftp"}, plain: true, setup: setupNetrc},
		client{name: "inetutils-ftp", needs: []string{"inetutils-ftp"}, plain: true, setup: setupNetrc},
		client{name: "ncftp", needs: []string{"ncftp"}, plain: true, setup: setupNcftp},
		client{name: "wput", needs: []string{"wput"}, setup: setupWput},
		client{name: "rclone-ftp", needs: []string{"rclone"}, setup: setupRcloneFTP},
	)
}

// seconds is how long the programs wait for an answer.
func seconds() int { return int(patience.Limit().Seconds()) }

func lftpRC() string {
	return fmt.Sprintf("set cmd:fail-exit yes\nset net:max-retries 1\nset net:timeout %d\n", seconds())
}

func curlRC(s site) string {
	return fmt.Sprintf("silent\nshow-error\nmax-time = %d\nuser = \"%s:%s\"\n", 2*seconds(), s.user, password)
}

func setupCurl(s site, env *testscript.Env) error {
	rc := curlRC(s)
	if s.tls {
		rc += fmt.Sprintf("ssl-reqd\ncacert = %q\n", s.certificate)
	}
	env.Setenv("URL", "ftp://"+s.addr())
	env.Setenv("CURL_HOME", env.WorkDir)
	return os.WriteFile(filepath.Join(env.WorkDir, ".curlrc"), []byte(rc), 0o600)
}

func setupLftp(s site, env *testscript.Env) error {
	rc := lftpRC()
	if s.tls {
		rc += fmt.Sprintf("set ftp:ssl-force yes\nset ftp:ssl-protect-data yes\nset ssl:ca-file %q\n", s.certificate)
	} else {
		rc += "set ftp:ssl-allow no\n"
	}
	bookmark := fmt.Sprintf("server\tftp://%s:%s@%s/\n", s.user, url.PathEscape(password), s.addr())
	dir := filepath.Join(env.WorkDir, ".lftp")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "rc"), []byte(rc), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "bookmarks"), []byte(bookmark), 0o600)
}

func setupWget(s site, env *testscript.Env) error {
	rc := fmt.Sprintf("user = %s\npassword = %s\ntries = 1\ntimeout = %d\nverbose = off\n", s.user, password, seconds())
	scheme := "ftp"
	if s.tls {
		// AUTH TLS, unless wget has an option for implicit TLS.
		scheme = "ftps"
		rc += "ca_certificate = " + s.certificate + "\n"
	}
	env.Setenv("URL", scheme+"://"+s.addr())
	return os.WriteFile(filepath.Join(env.WorkDir, ".wgetrc"), []byte(rc), 0o600)
}

// setupNetrc is for the descendants of BSD's ftp.
func setupNetrc(s site, env *testscript.Env) error {
	host, _ := s.hostPort(overFTP)
	env.Setenv("URL", fmt.Sprintf("ftp://%s:%s@%s", s.user, url.PathEscape(password), s.addr()))
	rc := fmt.Sprintf("machine %s login %s password \"%s\"\n", host, s.user, password)
	return os.WriteFile(filepath.Join(env.WorkDir, ".netrc"), []byte(rc), 0o600)
}

// setupNcftp is for ncftp, which takes all from its command line, and for the
// programs beside it, which take it from login.cfg.
func setupNcftp(s site, env *testscript.Env) error {
	host, port := s.hostPort(overFTP)
	login := fmt.Sprintf("host %s\nport %s\nuser %s\npass %s\n", host, port, s.user, password)
	return os.WriteFile(filepath.Join(env.WorkDir, "login.cfg"), []byte(login), 0o600)
}

// setupWput limits wput to TLS 1.2: GnuTLS reports the tickets of TLS 1.3 as a read of no bytes,
// and wput takes this for the end of the connection.
func setupWput(s site, env *testscript.Env) error {
	env.Setenv("URL", fmt.Sprintf("ftp://%s:%s@%s", s.user, url.PathEscape(password), s.addr()))
	env.Setenv("SECURITY", "--disable-tls")
	if s.tls {
		env.Setenv("SECURITY", "--force-tls")
	}
	env.Setenv("GNUTLS_SYSTEM_PRIORITY_FILE", filepath.Join(env.WorkDir, "gnutls.conf"))
	return os.WriteFile(env.Getenv("GNUTLS_SYSTEM_PRIORITY_FILE"), []byte("[overrides]\ndisabled-version = tls1.3\n"), 0o600)
}

func setupRcloneFTP(s site, env *testscript.Env) error {
	host, port := s.hostPort(overFTP)
	obscured, err := exec.Command("rclone", "obscure", password).Output()
	if err != nil {
		return err
	}
	env.Setenv("SSL_CERT_FILE", s.certificate)
	env.Setenv("RCLONE_RETRIES", "1")
	env.Setenv("RCLONE_LOW_LEVEL_RETRIES", "1")
	env.Setenv("RCLONE_CONFIG", filepath.Join(env.WorkDir, "rclone.conf"))
	return os.WriteFile(env.Getenv("RCLONE_CONFIG"), fmt.Appendf(nil,
		"[server]\ntype = ftp\nhost = %s\nport = %s\nuser = %s\npass = %s\nexplicit_tls = %t\n",
		host, port, s.user, obscured, s.tls), 0o600)
}
