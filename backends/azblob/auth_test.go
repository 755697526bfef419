package azblob

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// aCertificate writes a certificate and its key to a file.
func aCertificate(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	name := filepath.Join(t.TempDir(), "identity.pem")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestIdentities: every kind of identity can be made, and blocks that say the same
// share one.
func TestIdentities(t *testing.T) {
	file := aCertificate(t)
	blocks := []func() *Auth{
		func() *Auth { return &Auth{Kind: authManagedIdentity} },
		func() *Auth {
			return &Auth{Kind: authManagedIdentity, ClientID: "11111111-2222-3333-4444-555555555555"}
		},
		func() *Auth { return &Auth{Kind: authWorkloadIdentity, ClientID: "a", TenantID: "b", TokenFile: "c"} },
		func() *Auth {
			return &Auth{Kind: authClientSecret, ClientID: "a", TenantID: "b", ClientSecret: "c"}
		},
		func() *Auth {
			return &Auth{Kind: authClientSecret, ClientID: "a", TenantID: "b", ClientSecret: "d"}
		},
		func() *Auth {
			return &Auth{Kind: authClientSecret, ClientID: "a", TenantID: "b", ClientSecret: "c", AuthorityHost: "https://login.microsoftonline.us/"}
		},
		func() *Auth {
			return &Auth{Kind: authClientCertificate, ClientID: "a", TenantID: "b", CertificateFile: file}
		},
		func() *Auth { return &Auth{Kind: authAzureCLI} },
		func() *Auth { return &Auth{Kind: authAzureCLI, TenantID: "b"} },
		func() *Auth { return &Auth{Kind: authDefault} },
	}
	shared := &identities{known: map[string]azcore.TokenCredential{}}
	for round := range 2 {
		for i, block := range blocks {
			if made, err := shared.of(block()); err != nil || made == nil {
				t.Errorf("round %d, block %d: %v", round, i, err)
			}
		}
	}
	if len(shared.known) != len(blocks) {
		t.Errorf("%d identities of %d blocks", len(shared.known), len(blocks))
	}
	a, _ := shared.of(blocks[3]())
	b, _ := shared.of(blocks[3]())
	if c, _ := shared.of(blocks[4]()); a != b || a == c {
		t.Error("equal blocks do not share an identity, or others do")
	}
	if _, err := shared.of(&Auth{Kind: authClientCertificate, ClientID: "a", TenantID: "b", CertificateFile: "missing.pem"}); err == nil {
		t.Error("a certificate that is not there is no error")
	}
}

// TestEndOfSAS: the end is noticed in each form in which it may be written.
func TestEndOfSAS(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	tests := []struct{ token, want string }{
		{"sig=1", ""},
		{"sig=1&se=2027-01-01T00%3A00%3A00Z", ""},
		{"sig=1&se=2026-12-05T12%3A00%3A00Z", "It expires at 2026-12-05T12:00:00Z, in 6 days."},
		{"sig=1&se=2026-12-05T12:00Z", "It expires at 2026-12-05T12:00:00Z, in 6 days."},
		{"sig=1&se=2026-12-05", "It expires at 2026-12-05T00:00:00Z, in 5 days."},
		{"sig=1&se=2026-11-29T12:00:00Z", "It has expired at 2026-11-29T12:00:00Z."},
		{"sig=1&se=2020-01-01", "It has expired at 2020-01-01T00:00:00Z."},
		{"sig=1&se=never", ""},
		{"%zz", ""},
	}
	for _, test := range tests {
		if got := endOfSAS(test.token, now); got != test.want {
			t.Errorf("%s: %q, want %q", test.token, got, test.want)
		}
	}
}
