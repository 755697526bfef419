package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pemFiles writes a certificate that is valid until the given time, and its key.
func pemFiles(t *testing.T, until time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: until.AddDate(0, 0, -90), NotAfter: until, DNSNames: []string{"ftp.contoso.example"}}
	certDER, errCert := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	keyDER, errKey := x509.MarshalPKCS8PrivateKey(private)
	if errCert != nil || errKey != nil {
		t.Fatal(errCert, errKey)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "crt"), filepath.Join(dir, "key")
	write(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certDER})))
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
	return cert, key
}

// check finds the errors of serve, and weak settings, in the files that exist.
func TestCheckOfFilesAndPorts(t *testing.T) {
	good, goodKey := pemFiles(t, time.Now().AddDate(0, 2, 0))
	other, otherKey := pemFiles(t, time.Now().AddDate(0, 2, 0))
	soon, soonKey := pemFiles(t, time.Now().AddDate(0, 0, 10))
	past, pastKey := pemFiles(t, time.Now().Add(-time.Hour))
	open, openKey := pemFiles(t, time.Now().AddDate(0, 2, 0))
	if err := os.Chmod(openKey, 0o644); err != nil {
		t.Fatal(err)
	}
	garbage := filepath.Join(t.TempDir(), "garbage")
	write(t, garbage, "no PEM")

	secured := func(cert, key string) string {
		return fmt.Sprintf("listen = \"0.0.0.0:21\"\npassive {\n listen = \"0.0.0.0:30000\"\n}\ntls {\n mode = \"required\"\n cert_file = %q\n key_file = %q\n}", cert, key)
	}
	plain := func(control, data, more string) string {
		return fmt.Sprintf("listen = %q\npassive {\n listen = %q\n}\n%s", control, data, more)
	}
	const second = "\n}\nfrontend \"sftp\" \"two\" {\n listen = %q\n host_key_files = [\"/no/such/key\"]\n"
	for name, test := range map[string]struct {
		frontend, user string
		status         int
		want           string // in stderr; "" for nothing at all
	}{
		"fine":                      {secured(good, goodKey), "", exitOK, ""},
		"other key":                 {secured(good, otherKey), "", exitUsage, "Certificate and key cannot be used"},
		"swapped":                   {secured(goodKey, good), "", exitUsage, "may have been switched"},
		"no PEM":                    {secured(garbage, goodKey), "", exitUsage, "Certificate and key cannot be used"},
		"expired":                   {secured(past, pastKey), "", exitUsage, "Certificate has expired"},
		"expires soon":              {secured(soon, soonKey), "", exitOK, "warning: Certificate expires soon"},
		"missing":                   {secured("/no/such/crt", otherKey), "", exitOK, "warning: File is not there"},
		"a directory":               {secured(filepath.Dir(other), otherKey), "", exitOK, "warning: File cannot be read"},
		"key for everybody":         {secured(open, openKey), "", exitOK, "warning: Every user may read a secret"},
		"no port":                   {plain("127.0.0.1", "127.0.0.1:30000", ""), "", exitUsage, "Invalid address to listen on"},
		"port out of range":         {plain("127.0.0.1:352010", "127.0.0.1:30000", ""), "", exitUsage, "Invalid address to listen on"},
		"negative port":             {plain("127.0.0.1:-1", "127.0.0.1:30000", ""), "", exitUsage, "Invalid address to listen on"},
		"range of control ports":    {plain("127.0.0.1:21-22", "127.0.0.1:30000", ""), "", exitUsage, "Invalid address to listen on"},
		"passive out of range":      {plain("127.0.0.1:21", "127.0.0.1:65530-65540", ""), "", exitUsage, "Invalid address of passive ports"},
		"control port is passive":   {plain("127.0.0.1:30003", "127.0.0.1:30000-30007", ""), "", exitUsage, "Port 30003 of this address is already used"},
		"two frontends":             {plain("127.0.0.1:21", "127.0.0.1:30000", fmt.Sprintf(second, "127.0.0.1:21")), "", exitUsage, "Port is used twice"},
		"two frontends, everywhere": {plain("127.0.0.1:21", "127.0.0.1:30000", fmt.Sprintf(second, ":30000")), "", exitUsage, "Port is used twice"},
		"two addresses":             {plain("127.0.0.1:21", "127.0.0.1:30000", fmt.Sprintf(second, "127.0.0.2:21")), "", exitOK, "File is not there"},
		"free ports":                {plain("127.0.0.1:0", "127.0.0.1:0", ""), "", exitOK, ""},
		"passwords in clear":        {plain("0.0.0.0:21", "0.0.0.0:30000", ""), "", exitOK, "warning: Passwords may travel in clear"},
		"optional":                  {plain("0.0.0.0:21", "0.0.0.0:30000", "tls {\n mode = \"optional\"\n self_signed = true\n}"), "", exitOK, "warning: Passwords may travel in clear"},
		"in clear, from networks":   {plain("0.0.0.0:21", "0.0.0.0:30000", ""), `networks = ["10.0.0.0/8"]`, exitOK, ""},
		"write without rename":      {plain("127.0.0.1:21", "127.0.0.1:30000", ""), `allow = ["list", "write"]`, exitOK, `warning: "write" without "rename"`},
		"reading":                   {plain("127.0.0.1:21", "127.0.0.1:30000", ""), `allow = ["list", "read"]`, exitOK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tidegate.hcl")
			write(t, path, fmt.Sprintf(`
backend "memory" "m" {}
frontend "ftp" "one" {
%s
}
tenant "t" {
  mount "/" { backend = backend.memory.m }
  user "u" {
    password_hash = "$2b$10$%s"
    %s
  }
}
`, test.frontend, strings.Repeat("a", 53), test.user))
			status, _, stderr := tidegate(t, "", "check", path)
			if status != test.status || !strings.Contains(stderr, test.want) || test.want == "" && stderr != "" {
				t.Errorf("exit status %d, want %d and %q in:\n%s", status, test.status, test.want, stderr)
			}
		})
	}
}

// Other users must not be able to read a configuration that holds a secret.
func TestCheckOfReadableSecrets(t *testing.T) {
	for argument, warns := range map[string]bool{
		`key = "` + strings.Repeat("A", 86) + `=="`: true, `key = env("TIDEGATE_TEST_KEY")`: false,
		`key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="`: false, // the emulator's
	} {
		t.Run(argument[:10], func(t *testing.T) {
			t.Setenv("TIDEGATE_TEST_KEY", strings.Repeat("A", 86)+"==")
			path := filepath.Join(t.TempDir(), "tidegate.hcl")
			write(t, path, serving("azblob.a", "backend \"azblob\" \"a\" {\n account = \"contoso\"\n container = \"abc\"\n auth \"shared_key\" {\n "+argument+"\n }\n}\n"))
			if err := os.Chmod(path, 0o644); err != nil {
				t.Fatal(err)
			}
			status, _, stderr := tidegate(t, "", "check", path)
			if warns && !strings.Contains(stderr, `| `+" "+`key = "***`) {
				t.Errorf("the argument is not shown:\n%s", stderr)
			}
			if got := strings.Contains(stderr, "Every user may read a secret"); status != exitOK || got != warns {
				t.Errorf("exit status %d, warned: %v, want %v:\n%s", status, got, warns, stderr)
			}
		})
	}
}
