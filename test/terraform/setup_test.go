package terraform

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// azure plays the metadata service of a machine, a Key Vault and a Blob service. Its methods
// may be called concurrently.
type azure struct {
	*httptest.Server
	mu      sync.Mutex
	secrets map[string]string
	// kinds are the content types of secrets.
	kinds map[string]string
	blob  string
	// refusals is how many requests with a token are refused before the role counts.
	refusals int
}

func serveAzure(t *testing.T) *azure {
	t.Helper()
	a := &azure{secrets: map[string]string{}, kinds: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metadata/identity/oauth2/token", a.token)
	mux.HandleFunc("GET /secrets/{name}", a.secret)
	mux.HandleFunc("GET /tidegate-packages/sum/tidegate.deb", a.sendPackage)
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	return a
}

func (a *azure) token(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if r.Header.Get("Metadata") != "true" || q.Get("client_id") != "the client" || q.Get("api-version") == "" {
		http.Error(w, `{"error":"invalid_request"}`, http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"access_token": "for " + q.Get("resource"), "token_type": "Bearer"})
}

// admits reports whether a request has the token for a resource, and the role counts.
func (a *azure) admits(w http.ResponseWriter, r *http.Request, resource string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer for "+resource {
		http.Error(w, "no token", http.StatusUnauthorized)
		return false
	}
	if a.refusals > 0 {
		a.refusals--
		http.Error(w, `{"error":{"code":"Forbidden","message":"Caller is not authorized"}}`, http.StatusForbidden)
		return false
	}
	return true
}

func (a *azure) secret(w http.ResponseWriter, r *http.Request) {
	if !a.admits(w, r, "https://vault.azure.net") {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	value, ok := a.secrets[r.PathValue("name")]
	if !ok || r.URL.Query().Get("api-version") == "" {
		http.Error(w, `{"error":{"code":"SecretNotFound"}}`, http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"value": value, "contentType": a.kinds[r.PathValue("name")]})
}

func (a *azure) sendPackage(w http.ResponseWriter, r *http.Request) {
	if !a.admits(w, r, "https://storage.azure.com/") || r.Header.Get("x-ms-version") == "" {
		return
	}
	_, _ = w.Write([]byte(a.blob))
}

func (a *azure) set(name, value string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.secrets[name] = value
}

// node is a machine that is set up: a directory for its files, and programs that write down
// how they were called.
type node struct {
	*testing.T
	azure *azure
	root  string
	setup setup
	// patience is for how many seconds it tries again.
	patience float64
}

func newNode(t *testing.T, tidegate string) *node {
	t.Helper()
	n := &node{T: t, azure: serveAzure(t), root: t.TempDir(), patience: 30}
	n.azure.blob = "a package"
	for name, text := range map[string]string{"ftp-tls": certificate(t), "ssh-ed25519": hostKey(t, "ed25519"), "camera-01": hash} {
		n.azure.set(name, text)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		t.Fatal(err)
	}
	configuration := n.path("etc/tidegate/tidegate.hcl")
	n.setup = setup{
		ClientID: "the client", Vault: n.azure.URL, Certificate: "ftp-tls", HostKeys: []string{"ssh-ed25519"},
		Variables: map[string]string{"CAMERA_01_HASH": "camera-01"}, Directory: n.path("etc/tidegate/secrets"), Group: group.Name,
		Configuration: []string{configuration},
	}
	sum := sha256.Sum256([]byte(n.azure.blob))
	n.setup.Package.URL, n.setup.Package.WithIdentity = n.azure.URL+"/tidegate-packages/sum/tidegate.deb", true
	n.setup.Package.SHA256 = hex.EncodeToString(sum[:])
	n.write(configuration, fmt.Sprintf(`
frontend "ftp" "public" {
  listen = "127.0.0.1:0"
  passive { listen = "127.0.0.1:0" }
  tls {
    mode      = "required"
    cert_file = "%[1]s/tls.pem"
    key_file  = "%[1]s/tls.pem"
  }
}
frontend "sftp" "public" {
  listen         = "127.0.0.1:0"
  host_key_files = ["%[1]s/ssh_host_key_0"]
}
backend "memory" "store" {}
tenant "contoso" {
  mount "/" { backend = backend.memory.store }
  user "camera-01" { password_hash = env("CAMERA_01_HASH") }
}
`, n.setup.Directory), 0o600)
	calls := n.path("calls")
	n.write(n.path("bin/apt-get"), fmt.Sprintf("#!/bin/sh\nset -e\nfor deb; do :; done\necho apt-get $(cat $deb) >>%s\n", calls), 0o755)
	n.write(n.path("bin/systemctl"), fmt.Sprintf("#!/bin/sh\necho systemctl \"$@\" >>%s\n", calls), 0o755)
	// The store is reached at the second attempt.
	n.write(n.path("bin/tidegate"), fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *-online*) echo online >>%[1]s; [ $(grep -c online %[1]s) = 2 ]; exit;; esac\n"+
		"for dir; do :; done\n[ $dir = /etc/tidegate ]\necho check >>%[1]s\nexec %[2]s check -here -env-file %[3]s/variables %[4]s\n",
		calls, tidegate, n.setup.Directory, filepath.Dir(configuration)), 0o755)
	return n
}

func (n *node) path(name string) string { return filepath.Join(n.root, name) }

func (n *node) write(path, text string, mode os.FileMode) {
	n.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		n.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		n.Fatal(err)
	}
}

// run runs tidegate-azure and returns what it prints.
func (n *node) run(what string) (string, error) {
	n.Helper()
	text, err := json.Marshal(n.setup)
	if err != nil {
		n.Fatal(err)
	}
	n.write(n.path("setup.json"), string(text), 0o600)
	cmd := exec.CommandContext(n.Context(), "python3", module+"/node/tidegate-azure", what)
	cmd.Env = append(os.Environ(), "PATH="+n.path("bin")+":"+os.Getenv("PATH"),
		"TIDEGATE_AZURE="+n.path("setup.json"), "TIDEGATE_METADATA="+n.azure.URL, "TIDEGATE_PAUSE=0.01", fmt.Sprintf("TIDEGATE_PATIENCE=%g", n.patience))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// calls returns the programs that were called since the last time.
func (n *node) calls() string {
	n.Helper()
	text, err := os.ReadFile(n.path("calls"))
	if err != nil && !os.IsNotExist(err) {
		n.Fatal(err)
	}
	_ = os.Remove(n.path("calls"))
	return strings.Join(strings.Fields(strings.ReplaceAll(string(text), "\n", " ; ")), " ")
}

// As soon as its identity has access to the package, a node installs it if its checksum is right.
// It has Tidegate check the configuration with the secrets of the vault, and starts the service
// when the store can be reached. Later, it reloads the service only if a secret has changed.
func TestSetup(t *testing.T) {
	n := newNode(t, built(t, "tidegate"))
	n.azure.refusals = 3
	out, err := n.run("install")
	if err != nil {
		t.Fatal(err, out)
	}
	if want := "apt-get a package ; systemctl daemon-reload ; check ; online ; online ; systemctl enable --now tidegate.service tidegate-secrets.timer ;"; n.calls() != want {
		t.Errorf("the node has not called %s:\n%s", want, out)
	}
	if got := strings.Count(out, "again in"); got != 4 || !strings.Contains(out, "Caller is not authorized") {
		t.Errorf("%d attempts failed, want 4:\n%s", got, out)
	}
	for name, want := range map[string]string{
		"variables": "CAMERA_01_HASH='" + hash + "'\n", "tls.pem": n.azure.secrets["ftp-tls"], "ssh_host_key_0": n.azure.secrets["ssh-ed25519"],
	} {
		path := filepath.Join(n.setup.Directory, name)
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
		if i, err := os.Stat(path); err == nil && i.Mode() != 0o640 {
			t.Errorf("%s has the permissions %v", name, i.Mode())
		}
		if strings.Contains(out, strings.TrimSpace(want)) {
			t.Errorf("the output has the secret in %s", name)
		}
	}
	if i, err := os.Stat(n.setup.Configuration[0]); err != nil || i.Mode() != 0o640 {
		t.Errorf("the configuration: %v, %v", i.Mode(), err)
	}

	if out, err := n.run("secrets"); err != nil || n.calls() != "" || !strings.Contains(out, "no secret has changed") {
		t.Errorf("without a change: %v %s", err, out)
	}
	n.azure.set("ftp-tls", certificate(t))
	if out, err := n.run("secrets"); err != nil || n.calls() != "systemctl reload tidegate.service ;" || !strings.Contains(out, "secrets changed: tls.pem\n") {
		t.Errorf("with another certificate: %v %s", err, out)
	}
}

// If a secret, the role, the package or the configuration is wrong, the program ends with an error
// that names the cause, and does not start the service.
func TestSetupFails(t *testing.T) {
	tidegate := built(t, "tidegate")
	for name, test := range map[string]struct {
		change     func(*node)
		says, runs string
	}{
		"another package": {func(n *node) { n.azure.blob = "another package" }, "it has the SHA-256", ""},
		"no role":         {func(n *node) { n.azure.refusals = 1 << 30 }, "Caller is not authorized", ""},
		"no secret":       {func(n *node) { delete(n.azure.secrets, "camera-01") }, "secret camera-01: HTTP Error 404", "apt-get a package ;"},
		"PKCS 12":         {func(n *node) { n.azure.kinds["ftp-tls"] = "application/x-pkcs12" }, "application/x-pem-file", "apt-get a package ;"},
		"two lines":       {func(n *node) { n.azure.set("camera-01", "a\nb") }, "several lines", "apt-get a package ;"},
		"no configuration": {func(n *node) {
			n.write(n.setup.Configuration[0], "tenant {}", 0o600)
		}, "Missing name for tenant", "apt-get a package ; systemctl daemon-reload ; check ;"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t, tidegate)
			test.change(n)
			n.patience = 0.1
			out, err := n.run("install")
			if err == nil || !strings.Contains(out, test.says) || !strings.Contains(out, "tidegate-azure: failed: ") {
				t.Errorf("%v: %s", err, out)
			}
			if got := n.calls(); got != test.runs {
				t.Errorf("the node has called %q, want %q", got, test.runs)
			}
		})
	}
}
