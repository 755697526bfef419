package azauth

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
		func() *Auth { return &Auth{Kind: ManagedIdentity} },
		func() *Auth {
			return &Auth{Kind: ManagedIdentity, ClientID: "11111111-2222-3333-4444-555555555555"}
		},
		func() *Auth { return &Auth{Kind: WorkloadIdentity, ClientID: "a", TenantID: "b", TokenFile: "c"} },
		func() *Auth {
			return &Auth{Kind: ClientSecret, ClientID: "a", TenantID: "b", ClientSecret: "c"}
		},
		func() *Auth {
			return &Auth{Kind: ClientSecret, ClientID: "a", TenantID: "b", ClientSecret: "d"}
		},
		func() *Auth {
			return &Auth{Kind: ClientSecret, ClientID: "a", TenantID: "b", ClientSecret: "c", AuthorityHost: "https://login.microsoftonline.us/"}
		},
		func() *Auth {
			return &Auth{Kind: ClientCertificate, ClientID: "a", TenantID: "b", CertificateFile: file}
		},
		func() *Auth { return &Auth{Kind: AzureCLI} },
		func() *Auth { return &Auth{Kind: AzureCLI, TenantID: "b"} },
		func() *Auth { return &Auth{Kind: Default} },
	}
	shared := NewIdentities()
	for round := range 2 {
		for i, block := range blocks {
			if made, err := shared.Of(block()); err != nil || made == nil {
				t.Errorf("round %d, block %d: %v", round, i, err)
			}
		}
	}
	if len(shared.known) != len(blocks) {
		t.Errorf("%d identities of %d blocks", len(shared.known), len(blocks))
	}
	a, _ := shared.Of(blocks[3]())
	b, _ := shared.Of(blocks[3]())
	if c, _ := shared.Of(blocks[4]()); a != b || a == c {
		t.Error("equal blocks do not share an identity, or others do")
	}
	if _, err := shared.Of(&Auth{Kind: ClientCertificate, ClientID: "a", TenantID: "b", CertificateFile: "missing.pem"}); err == nil {
		t.Error("a certificate that is not there is no error")
	}
}
