package clients

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/tidegate/tidegate/test/launch"
)

// troublePage is the page that leads from what a client sees to the line of the log and the
// setting.
const troublePage = "../../docs/troubleshooting.md"

// trouble is a gateway with a frontend of each kind, and users that cannot log in for one
// reason each.
type trouble struct {
	*launch.Process
	dir string
	// hash is that of password. The keys of OpenSSH are files in dir; of each there is the
	// public key, by the name of the file.
	hash, certificate, known string
	keys                     map[string]string
	// foreign and foreignKey are a certificate by nobody's authority.
	foreign, foreignKey string
	// asks is a program that takes longer to say a password than a client has.
	asks string
}

// key is the file of a key.
func (s *trouble) key(name string) string { return filepath.Join(s.dir, name) }

func newTrouble(t *testing.T) *trouble {
	t.Helper()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	s := &trouble{dir: dir, hash: launch.Hash(t, password), known: file("known_hosts"), asks: file("asks"), keys: map[string]string{}}
	cert, key := writeCertificate(t, dir)
	s.certificate = cert
	s.foreign, s.foreignKey = writeCertificate(t, t.TempDir())
	for _, name := range []string{"host", "right", "other", "expired", "elsewhere", "revoked", "certified", "ca"} {
		s.keys[name] = writeKeyPair(t, "ed25519", file(name))
	}
	writeKeyPair(t, "rsa", file("sha1"))
	// The certificate names another user.
	if out, err := exec.Command("ssh-keygen", "-q", "-s", file("ca"), "-I", "id", "-n", "somebody", file("certified.pub")).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	if err := os.WriteFile(s.asks, []byte("#!/bin/sh\nexec sleep 4\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	// An external service that lets nobody in.
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(service.Close)
	names := []string{"HASH", s.hash, "CERT", cert, "KEYFILE", key, "HOSTKEY", file("host"), "ROOT", dir, "SERVICE", service.URL}
	for name, public := range s.keys {
		names = append(names, "<"+name+">", public)
	}
	config := strings.NewReplacer(names...).Replace(`
		backend "local" "files" { root = "ROOT" }
		frontend "ftp" "explicit" {
		  listen = "127.0.0.1:0"
		  passive { listen = "127.0.0.1:0" }
		  tls {
		    mode      = "required"
		    cert_file = "CERT"
		    key_file  = "KEYFILE"
		  }
		}
		frontend "ftp" "implicit" {
		  listen = "127.0.0.1:0"
		  passive { listen = "127.0.0.1:0" }
		  tls {
		    mode      = "implicit"
		    cert_file = "CERT"
		    key_file  = "KEYFILE"
		  }
		}
		frontend "ftp" "certified" {
		  listen = "127.0.0.1:0"
		  passive { listen = "127.0.0.1:0" }
		  tls {
		    mode           = "required"
		    cert_file      = "CERT"
		    key_file       = "KEYFILE"
		    client_ca_file = "CERT"
		  }
		}
		frontend "ftp" "plain" {
		  listen  = "127.0.0.1:0"
		  passive { listen = "127.0.0.1:0" }
		  tenants = ["acme", "twin"]
		}
		frontend "sftp" "keys" {
		  listen         = "127.0.0.1:0"
		  host_key_files = ["HOSTKEY"]
		  attributes     = "refuse"
		}
		frontend "sftp" "hasty" {
		  listen         = "127.0.0.1:0"
		  host_key_files = ["HOSTKEY"]
		  login_timeout  = "3s"
		}
		auth "http" "service" { url = "SERVICE" }
		tenant "asked" {
		  mount "/" { backend = backend.local.files }
		  auth = auth.http.service
		}
		tenant "acme" {
		  mount "/" { backend = backend.local.files }
		  revoked_keys = ["<revoked>"]
		  user "ann" { password_hash = "HASH" }
		  user "drop" {
		    password_hash = "HASH"
		    allow         = ["list", "write", "rename"]
		  }
		  user "far" {
		    password_hash = "HASH"
		    networks      = ["192.0.2.0/24"]
		  }
		  user "off" {
		    password_hash = "HASH"
		    enabled       = false
		  }
		  user "old" {
		    password_hash = "HASH"
		    expires       = "2020-01-01"
		  }
		  user "secure" {
		    password_hash = "HASH"
		    protocols     = ["ftps"]
		  }
		  user "keyed" {
		    password_hash   = "HASH"
		    login           = "key_and_password"
		    authorized_keys = ["<right>", "expiry-time=\"20200101Z\" <expired>"]
		  }
		  user "nothing" { authorized_keys = ["<right>", "<revoked>", "from=\"192.0.2.1\" <elsewhere>", "cert-authority <ca>"] }
		  user "typed" {
		    password_hash = "HASH"
		    login         = "password"
		  }
		  user "aged" {
		    password_hash         = "HASH"
		    password_changed      = "2020-01-01"
		    password_max_age_days = 30
		  }
		  user "carded" { login = "certificate" }
		  user "guessed" { password_hash = "HASH" }
		  user "blind" {
		    authorized_keys = ["<right>"]
		    allow           = ["write"]
		  }
		  user "twin" { password_hash = "HASH" }
		}
		tenant "twin" {
		  mount "/" { backend = backend.local.files }
		  user "twin" { password_hash = "HASH" }
		}
		tenant "elsewhere" {
		  mount "/" { backend = backend.local.files }
		  networks = ["192.0.2.0/24"]
		  user "guest" { password_hash = "HASH" }
		}
		guessing { failures_per_address = 5 }
		log {
		  format = "json"
		  level  = "debug"
		}
	`)
	path := file("tidegate.hcl")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Process = launch.Start(t, launch.Command(t, "serve", path))
	t.Cleanup(s.Stop)
	hostName, port, _ := net.SplitHostPort(s.Addr("sftp.keys"))
	_, hasty, _ := net.SplitHostPort(s.Addr("sftp.hasty"))
	known := fmt.Sprintf("[%[1]s]:%[2]s %[4]s\n[%[1]s]:%[3]s %[4]s\n", hostName, port, hasty, s.keys["host"])
	if err := os.WriteFile(s.known, []byte(known), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// line is a line of the log.
type line map[string]any

// has reports whether the line has the attributes, as texts.
func (l line) has(want map[string]string) bool {
	for name, value := range want {
		if fmt.Sprint(l[name]) != value {
			return false
		}
	}
	return true
}

// curl makes a command of curl, as the client at an address.
func (s *trouble) curl(from, frontend string, args ...string) []string {
	all := append([]string{"curl", "-sS", "--max-time", "20", "--interface", from}, args...)
	for i, arg := range all {
		all[i] = strings.Replace(arg, "ADDR", s.Addr("ftp."+frontend), 1)
	}
	return all
}

// sftp makes a command of OpenSSH.
func (s *trouble) sftp(known, user, key string, options ...string) []string {
	key = s.key(key)
	host, port, _ := net.SplitHostPort(s.Addr("sftp.keys"))
	all := []string{
		"sftp", "-F", "none", "-b", "/dev/null", "-P", port, "-o", "UserKnownHostsFile=" + known, "-o", "GlobalKnownHostsFile=none",
		"-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-o", "IdentityFile=" + key, "-o", "BatchMode=yes",
	}
	return append(append(all, options...), user+"@"+host)
}

// withBatch gives a command of OpenSSH's sftp another file with commands.
func withBatch(command []string, file string) []string {
	command[slices.Index(command, "/dev/null")] = file
	return command
}

// The log names the cause and the setting when a client cannot connect, log in or transfer,
// whatever the client prints. docs/troubleshooting.md lists the same causes.
func TestTroubleshooting(t *testing.T) {
	t.Parallel()
	s := newTrouble(t)
	plain := func(n int, login string, args ...string) []string {
		return s.curl(fmt.Sprintf("127.0.1.%d", n), "plain", append([]string{"-u", login, "ftp://ADDR/"}, args...)...)
	}
	login := func(cause, setting string) map[string]string {
		return map[string]string{"event": "login_refused", "cause": cause, "setting": setting}
	}
	end := func(cause, setting string) map[string]string {
		return map[string]string{"event": "session_ended", "cause": cause, "setting": setting}
	}
	command := func(cause, setting string) map[string]string {
		return map[string]string{"event": "command_refused", "cause": cause, "setting": setting}
	}
	right := ":" + password
	none := filepath.Join(s.dir, "none")
	_, ftpPort, _ := net.SplitHostPort(s.Addr("ftp.plain"))
	_, sshPort, _ := net.SplitHostPort(s.Addr("sftp.keys"))
	_, hastyPort, _ := net.SplitHostPort(s.Addr("sftp.hasty"))
	mode := filepath.Join(s.dir, "mode.batch")
	writeFile(t, mode, "chmod 600 /host\n")
	look := filepath.Join(s.dir, "look.batch")
	writeFile(t, look, "ls /host\n")
	guess := strings.Join(plain(26, "guessed:wrong$n"), " ") // the same wrong password counts once
	rows := map[string]struct {
		client []string
		want   map[string]string
	}{
		"unknown user":             {plain(1, "nobody:x"), login("unknown_user", "<nil>")},
		"wrong password":           {plain(2, "ann:wrong"), login("wrong_password", "password_hash")},
		"address":                  {plain(3, "far"+right), login("address_not_in_networks", "networks")},
		"disabled":                 {plain(4, "off"+right), login("user_disabled", "enabled")},
		"expired":                  {plain(5, "old"+right), login("user_expired", "expires")},
		"protocol":                 {plain(6, "secure"+right), login("protocol_not_allowed", "protocols")},
		"key required":             {plain(7, "keyed"+right), login("key_required", "login")},
		"no password":              {plain(8, "nothing"+right), login("user_has_no_password", "password_hash")},
		"ambiguous":                {plain(9, "twin"+right), login("ambiguous_user", "tenants")},
		"other tenant":             {plain(10, "guest"+right), login("tenant_not_served", "tenants")},
		"tenant's networks":        {s.curl("127.0.1.11", "explicit", "-k", "--ssl-reqd", "-u", "guest"+right, "ftp://ADDR/"), login("address_not_in_tenant_networks", "tenant.networks")},
		"TLS required":             {s.curl("127.0.1.12", "explicit", "-u", "ann"+right, "ftp://ADDR/"), command("tls_required", `tls { mode = "optional" }`)},
		"active mode":              {plain(13, "ann"+right, "--ftp-port", "-", "--disable-eprt"), command("active_mode_off", "active = true")},
		"implicit TLS on explicit": {s.curl("127.0.1.14", "plain", "-k", "ftps://ADDR/"), end("implicit_tls_on_explicit_port", `tls { mode = "implicit" }`)},
		"no TLS on implicit":       {s.curl("127.0.1.15", "implicit", "--max-time", "5", "ftp://ADDR/"), end("no_tls_handshake", "tls.mode")},
		"certificate": {s.curl("127.0.1.16", "explicit", "--ssl-reqd", "-u", "ann"+right, "ftp://ADDR/"), map[string]string{
			"event": "session_ended", "cause": "certificate_not_trusted", "setting": "tls.cert_file",
			"last_reply": "234 Start the TLS handshake",
		}},
		"certificate, lftp": {
			[]string{"lftp", "-c", "set net:max-retries 1; set ftp:ssl-force yes; open -u ann,x ftp://" + s.Addr("ftp.explicit") + "; ls"},
			end("left_after_tls_handshake", "tls.cert_file"),
		},
		"old TLS": {
			[]string{"openssl", "s_client", "-connect", s.Addr("ftp.explicit"), "-starttls", "ftp", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"},
			end("no_common_tls_version", "tls.min_version"),
		},
		"missing right": {
			plain(17, "drop"+right, "-o", filepath.Join(s.dir, "out"), "-Q", "DELE tidegate.hcl"),
			map[string]string{"event": "operation_finished", "kind": "permission", "setting": "allow"},
		},
		"SSH to FTP":          {[]string{"sftp", "-F", "none", "-b", "/dev/null", "-P", ftpPort, "ann@127.0.0.1"}, end("not_ftp", "<nil>")},
		"TLS to SFTP":         {[]string{"openssl", "s_client", "-connect", s.Addr("sftp.keys")}, end("not_ssh", "<nil>")},
		"unknown key":         {s.sftp(s.known, "nothing", "other"), login("unknown_key", "authorized_keys")},
		"expired key":         {s.sftp(s.known, "keyed", "expired"), login("expired_key", "authorized_keys")},
		"unknown user, key":   {s.sftp(s.known, "nobody", "other"), map[string]string{"event": "login_refused", "cause": "unknown_user", "method": "publickey"}},
		"host key":            {s.sftp(none, "nothing", "right"), end("left_after_key_exchange", "host_key_files")},
		"old key exchange":    {s.sftp(s.known, "nothing", "right", "-o", "KexAlgorithms=diffie-hellman-group14-sha1"), end("no_common_algorithm", "legacy")},
		"old host key":        {s.sftp(s.known, "nothing", "right", "-o", "HostKeyAlgorithms=ssh-rsa"), end("no_common_algorithm", "host_key_files")},
		"password is too old": {plain(18, "aged"+right), login("password_too_old", "password_max_age_days")},
		"external service":    {s.curl("127.0.1.19", "explicit", "-k", "--ssl-reqd", "-u", "asked/somebody"+right, "ftp://ADDR/"), login("refused_by_authority", "<nil>")},
		"no certificate":      {s.curl("127.0.1.20", "certified", "-k", "--ssl-reqd", "-u", "carded"+right, "ftp://ADDR/"), login("client_certificate_required", "login")},
		"other certificate":   {s.curl("127.0.1.21", "certified", "-k", "--ssl-reqd", "--cert", s.foreign, "--key", s.foreignKey, "-u", "carded"+right, "ftp://ADDR/"), end("client_certificate_refused", "tls.client_ca_file")},
		"implicit TLS where explicit is required": {s.curl("127.0.1.22", "explicit", "-k", "ftps://ADDR/"), end("implicit_tls_on_explicit_port", `tls { mode = "implicit" }`)},
		"explicit TLS on implicit":                {s.curl("127.0.1.23", "implicit", "-k", "--ssl-reqd", "--max-time", "5", "ftp://ADDR/"), end("no_tls_handshake", "tls.mode")},
		"certificate of implicit TLS":             {s.curl("127.0.1.24", "implicit", "ftps://ADDR/"), end("certificate_not_trusted", "tls.cert_file")},
		"clear text to implicit TLS":              {s.curl("127.0.1.25", "implicit", "http://ADDR/"), end("plain_text_instead_of_tls", "tls.mode")},
		"old cipher suite": {
			[]string{"openssl", "s_client", "-connect", s.Addr("ftp.explicit"), "-starttls", "ftp", "-tls1_2", "-cipher", "AES128-SHA"},
			end("no_common_cipher_suite", "<nil>"),
		},
		"revoked key":                    {s.sftp(s.known, "nothing", "revoked"), login("revoked_key", "<nil>")},
		"key of other addresses":         {s.sftp(s.known, "nothing", "elsewhere"), login("key_for_other_addresses", "authorized_keys")},
		"key where passwords are wanted": {s.sftp(s.known, "typed", "right"), login("keys_not_accepted", "login")},
		"certificate of another user":    {s.sftp(s.known, "nothing", "certified"), login("certificate_refused", "<nil>")},
		"old cipher":                     {s.sftp(s.known, "nothing", "right", "-o", "Ciphers=aes128-cbc"), end("no_common_algorithm", "legacy")},
		"old MAC":                        {s.sftp(s.known, "nothing", "right", "-o", "Ciphers=aes128-ctr", "-o", "MACs=hmac-md5"), end("no_common_algorithm", "legacy")},
		"nothing to try":                 {s.sftp(s.known, "nothing", "right", "-o", "PubkeyAuthentication=no"), end("left_before_login", "<nil>")},
		"slow person": {[]string{
			"ssh", "-F", "none", "-p", hastyPort, "-o", "UserKnownHostsFile=" + s.known, "-o", "PubkeyAuthentication=no", "ann@127.0.0.1",
		}, end("login_timeout", "login_timeout")},
		"too many guesses": {
			[]string{"sh", "-c", "for n in 1 2 3 4 5 6 7; do " + guess + "; done; exit 1"},
			login("too_many_wrong_passwords", "guessing"),
		},
		"SHA-1 signature": {
			[]string{debianPython, "testdata/troubleshooting/sha1.py", "127.0.0.1", sshPort, "nothing", s.key("sha1")},
			login("key_algorithm_not_accepted", "legacy"),
		},
		"curve": {
			[]string{"openssl", "s_client", "-connect", s.Addr("ftp.explicit"), "-starttls", "ftp", "-tls1_3", "-groups", "X448"},
			end("tls_handshake_failed", "<nil>"),
		},
		"attributes": {withBatch(s.sftp(s.known, "blind", "right"), look), command("missing_right", "allow")},
		"mode":       {withBatch(s.sftp(s.known, "nothing", "right"), mode), command("attributes_not_kept", `attributes = "ignore"`)},
		"scp -O": {[]string{
			"scp", "-O", "-F", "none", "-P", sshPort, "-o", "UserKnownHostsFile=" + s.known, "-i", s.key("right"),
			s.certificate, "nothing@127.0.0.1:/x",
		}, map[string]string{"event": "refused_not_sftp", "request": "exec"}},
	}
	settings := []string{changedUser(t)}
	for name, row := range rows {
		settings = append(settings, row.want["cause"]+" "+row.want["setting"])
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program, err := exec.LookPath(row.client[0])
			if err != nil {
				t.Skip(row.client[0] + " is not installed")
			}
			if program == debianPython {
				needParamiko(t)
			}
			cmd := exec.CommandContext(t.Context(), program, row.client[1:]...)
			cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "OPENSSL_CONF=/dev/null", "SSH_ASKPASS="+s.asks, "SSH_ASKPASS_REQUIRE=force")
			said, err := cmd.CombinedOutput()
			if err == nil {
				t.Errorf("%q succeeds:\n%s", row.client, said)
			}
			found := s.Await(fmt.Sprint("a line with ", row.want), func(lines []string) bool {
				return slices.ContainsFunc(lines, func(text string) bool {
					var l line
					return json.Unmarshal([]byte(text), &l) == nil && l.has(row.want)
				})
			})
			if !found {
				t.Errorf("%q is not explained; it says\n%s", row.client, said)
			}
		})
	}
	checkTroublePage(t, settings)
}

// needParamiko skips a test where paramiko is missing.
func needParamiko(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(modules + "paramiko"); err != nil {
		t.Skip("paramiko is not installed")
	}
}

// changedUser has a reload remove a user that uploads a file and asks for more. It returns
// what the log says about it.
func changedUser(t *testing.T) (played string) {
	t.Run("changed user", func(t *testing.T) {
		needParamiko(t)
		dir := t.TempDir()
		writeKeyPair(t, "ed25519", filepath.Join(dir, "host"))
		file := filepath.Join(dir, "tidegate.hcl")
		with := func(user string) {
			writeFile(t, file, strings.NewReplacer("HOSTKEY", filepath.Join(dir, "host"), "ROOT", dir, "USER", user, "HASH", launch.Hash(t, password)).Replace(`
				backend "local" "files" { root = "ROOT" }
				frontend "sftp" "keys" {
				  listen         = "127.0.0.1:0"
				  host_key_files = ["HOSTKEY"]
				}
				tenant "acme" {
				  mount "/" { backend = backend.local.files }
				  user "USER" { password_hash = "HASH" }
				}
				log { format = "json" }
			`))
		}
		with("leaver")
		s := launch.Start(t, launch.Command(t, "serve", file))
		t.Cleanup(s.Stop)
		_, port, _ := net.SplitHostPort(s.Addr("sftp.keys"))
		cmd := exec.CommandContext(t.Context(), debianPython, "testdata/troubleshooting/changed.py", "127.0.0.1", port, "leaver", password)
		cmd.Stderr = os.Stderr
		in, errIn := cmd.StdinPipe()
		out, errOut := cmd.StdoutPipe()
		if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
			t.Fatal(err)
		}
		said := bufio.NewReader(out)
		if text, err := said.ReadString('\n'); text != "uploading\n" {
			t.Fatalf("the client says %q, %v", text, err)
		}
		with("stayer")
		s.Signal(syscall.SIGHUP)
		s.Find("the end of the reload", func(line string) bool { return strings.Contains(line, `"configuration reloaded"`) })
		_ = in.Close()
		if text, _ := said.ReadString('\n'); text != "refused\n" || cmd.Wait() != nil {
			t.Errorf("the client says %q", text)
		}
		const cause, setting = "user_changed", "on_change"
		s.Find("the refusal", func(text string) bool {
			var l line
			return json.Unmarshal([]byte(text), &l) == nil && l.has(map[string]string{"event": "command_refused", "cause": cause, "setting": setting})
		})
		played = cause + " " + setting
	})
	return played
}

// unplayed returns the causes that no client here runs into, with the reason.
func unplayed() map[string]string {
	return map[string]string{
		"refused": "is the word for a refusal without a word of its own, of which there is none: a test of internal/auth goes through all",
	}
}

// causesOfCode returns the causes that the program can log: the texts that its sources give to
// something called Cause.
func causesOfCode(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	add := func(e ast.Expr) {
		if text, ok := e.(*ast.BasicLit); ok && text.Kind == token.STRING {
			if cause, err := strconv.Unquote(text.Value); err == nil && cause != "" {
				all[cause] = true
			}
		}
	}
	look := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			name, ok := n.Type.(*ast.Ident)
			if ok && strings.HasSuffix(name.Name, "Cause") || n.Names[0].Name == "missingRight" {
				add(n.Values[0])
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Cause" {
				add(n.Value)
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs { // f.Cause, f.Setting = …, …
				if field, ok := to.(*ast.SelectorExpr); ok && field.Sel.Name == "Cause" && i < len(n.Rhs) {
					add(n.Rhs[i])
				}
			}
		case *ast.CallExpr: // refuseBy(verb, answer, cause, setting)
			if method, ok := n.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "refuseBy" {
				add(n.Args[2])
			}
		case *ast.CompositeLit: // refusal{err, cause, setting}
			if name, ok := n.Type.(*ast.Ident); ok && name.Name == "refusal" && len(n.Elts) == 3 {
				add(n.Elts[1])
			}
		}
		return true
	}
	for _, dir := range []string{"../../frontends", "../../internal/auth"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err == nil {
				ast.Inspect(file, look)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 35 {
		t.Fatalf("the code has %d causes: this test does not find them", len(all))
	}
	return all
}

// checkTroublePage compares the page with causes and their settings, "CAUSE SETTING".
func checkTroublePage(t *testing.T, played []string) {
	page, err := os.ReadFile(troublePage)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\|.*`cause=([a-z_]+)`.*$").FindAllStringSubmatch(string(page), -1) {
		listed[m[1]] += m[0]
	}
	if len(listed) < 20 {
		t.Fatalf("the page has %d causes: this test does not find them", len(listed))
	}
	var known []string
	for _, one := range played {
		cause, setting, _ := strings.Cut(one, " ")
		if cause == "" {
			continue
		}
		known = append(known, cause)
		switch row, ok := listed[cause]; {
		case !ok:
			t.Errorf("docs/troubleshooting.md lacks `cause=%s`", cause)
		case setting != "" && setting != "<nil>" && !strings.Contains(row, "`"+setting+"`"):
			t.Errorf("docs/troubleshooting.md does not name the setting `%s` of %s", setting, cause)
		}
	}
	for cause := range listed {
		if !slices.Contains(known, cause) {
			t.Errorf("docs/troubleshooting.md has `cause=%s`, which no client runs into", cause)
		}
	}
	for cause := range causesOfCode(t) {
		if unplayed()[cause] == "" && !slices.Contains(known, cause) {
			t.Errorf("the program knows the cause %s, which no client runs into", cause)
		}
	}
	for cause := range unplayed() {
		if !causesOfCode(t)[cause] {
			t.Errorf("the program does not know the cause %s", cause)
		}
	}
}
