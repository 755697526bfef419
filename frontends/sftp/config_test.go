package sftp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
)

// writeKey writes a private key as ssh-keygen does.
func writeKey(t *testing.T, private any, passphrase string) string {
	t.Helper()
	var block *pem.Block
	var err error
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(passphrase))
	} else {
		block, err = ssh.MarshalPrivateKey(private, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// rsaKeys are made once for all tests: with the race detector each takes seconds.
var rsaKeys = map[int]func() (*rsa.PrivateKey, error){
	2048: sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }),
	3072: sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 3072) }),
}

// rsaKey returns a key of 2048 or 3072 bits, the same one each time.
func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsaKeys[bits]()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ecdsaKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// What is weak is named, and taken all the same.
func TestLegacyIsWarnedOf(t *testing.T) {
	ecdsaFile, rsaFile := writeKey(t, ecdsaKey(t), ""), writeKey(t, rsaKey(t, 3072), "")
	for text, want := range map[string]int{"legacy = true": 1, "legacy = false": 0, "": 0} {
		body := fmt.Sprintf("listen = \"127.0.0.1:0\"\nhost_key_files = [%q, %q]\n%s\n", ecdsaFile, rsaFile, text)
		f, diags := hclparse.NewParser().ParseHCL([]byte(body), "test.hcl")
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		_, diags = sftp.Type().Decode(f.Body, &hcl.EvalContext{})
		if diags.HasErrors() || len(diags) != want {
			t.Errorf("%q: %v, want %d warnings", text, diags, want)
		}
		for _, d := range diags {
			if d.Severity != hcl.DiagWarning || d.Subject.Start.Line != 3 || !strings.Contains(d.Detail, "SHA-1") {
				t.Errorf("%q: %v", text, d)
			}
		}
	}
}

// Clients that know none of the host keys could not say why they fail.
func TestLeftOutClients(t *testing.T) {
	ed := filepath.Join(t.TempDir(), "ed25519")
	if err := sftp.EnsureHostKey(ed); err != nil {
		t.Fatal(err)
	}
	ec := filepath.Join(t.TempDir(), "ecdsa")
	if err := sftp.EnsureECDSAHostKey(ec); err != nil {
		t.Fatal(err)
	}
	rsa := writeKey(t, rsaKey(t, 3072), "")
	for _, test := range []struct {
		name    string
		files   []string
		more    string
		clients []string
	}{
		{"Ed25519", []string{ed}, "", []string{"JSch 0.1.x", "phpseclib 1 and 2"}},
		{"ECDSA", []string{ec}, "", []string{"phpseclib 1 and 2"}},
		{"Ed25519 and ECDSA", []string{ed, ec}, "", []string{"phpseclib 1 and 2"}},
		{"RSA", []string{rsa}, "", []string{"JSch 0.1.x"}},
		{"RSA with SHA-1", []string{ed, rsa}, "legacy = true", nil},
		{"all", []string{ed, ec, rsa}, "", nil},
		{"Ed25519, accepted", []string{ed}, "no_old_clients = true", nil},
		{"not on this machine", []string{ed, "/no/such/key"}, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := fmt.Sprintf("listen = \"127.0.0.1:0\"\nhost_key_files = [\"%s\"]\n%s\n", strings.Join(test.files, `", "`), test.more)
			f, diags := hclparse.NewParser().ParseHCL([]byte(body), "test.hcl")
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			_, diags = sftp.Type().Decode(f.Body, &hcl.EvalContext{})
			var text string
			for _, d := range diags {
				if d.Severity != hcl.DiagWarning {
					t.Errorf("%v, want warnings alone", d)
				}
				if d.Summary == "Clients are left out by the host keys" {
					text = d.Detail
				}
			}
			for _, client := range []string{"JSch 0.1.x", "phpseclib 1 and 2"} {
				if got, want := strings.Contains(text, client), slices.Contains(test.clients, client); got != want {
					t.Errorf("%s is left out: %v, want %v: %s", client, got, want, text)
				}
			}
		})
	}
}

func TestValidate(t *testing.T) {
	good := writeKey(t, ecdsaKey(t), "")
	noKey := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(noKey, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := func(files ...string) string {
		return fmt.Sprintf("listen = \"127.0.0.1:0\"\nhost_key_files = [\"%s\"]\n", strings.Join(files, `", "`))
	}
	tests := []struct {
		name, body string
		want       string // "" means no problem
	}{
		{"all well", keys(good, writeKey(t, rsaKey(t, 3072), "")), ""},
		{"not on this machine", keys("/no/such/key"), ""},
		{"everything", keys(good) + "legacy = true\nidle_timeout = \"10m\"\nlogin_timeout = \"5s\"\nmax_login_tries = 3\nmax_logins = 10\n" +
			"attributes = \"refuse\"\nmax_sessions = 5\nmax_sessions_per_address = 2\nproxy_protocol = [\"10.0.0.0/8\", \"192.0.2.1\"]", ""},
		{"weak RSA", keys(writeKey(t, rsaKey(t, 2048), "")), "an RSA key of 2048 bits, 3072 are the least"},
		{"passphrase", keys(writeKey(t, ecdsaKey(t), "secret")), "passphrase"},
		{"no key", keys(noKey), "not a private key"},
		{"two of one type", keys(good, writeKey(t, ecdsaKey(t), "")), "both of the type ecdsa-sha2-nistp256"},
		{"none", "listen = \"127.0.0.1:0\"\nhost_key_files = []", "ssh-keygen made"},
		{"address", "listen = \"22\"\nhost_key_files = [\"" + good + "\"]", "an address and a port"},
		{"durations", keys(good) + "idle_timeout = \"soon\"", "numbers with the units"},
		{"tries", keys(good) + "max_login_tries = 0", "from 1 on"},
		{"logins", keys(good) + "max_logins = -1", "from 1 on"},
		{"attributes", keys(good) + "attributes = \"keep\"", "\"ignore\" and \"refuse\""},
		{"sessions", keys(good) + "max_sessions = -1", "above 0"},
		{"sessions of one address", keys(good) + "max_sessions_per_address = -1", "above 0"},
		{"proxies", keys(good) + "proxy_protocol = [\"10.0.0.1/8\"]", "\"10.0.0.0/8\" for the whole network"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, diags := hclparse.NewParser().ParseHCL([]byte(test.body), "test.hcl")
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			_, diags = sftp.Type().Decode(f.Body, &hcl.EvalContext{})
			switch {
			case test.want == "" && diags.HasErrors():
				t.Errorf("problems: %v, want none", diags)
			case test.want != "" && (len(diags.Errs()) != 1 || !strings.Contains(diags.Errs()[0].Error(), test.want)):
				t.Errorf("problems: %v, want one with %q", diags, test.want)
			}
		})
	}
}
