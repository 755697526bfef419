package azauth

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// Identities are the credentials that return tokens, one for each identity: each keeps its
// token, because the endpoints that issue tokens allow few requests.
type Identities struct {
	mu    sync.Mutex
	known map[string]azcore.TokenCredential
}

// NewIdentities returns Identities of no block.
func NewIdentities() *Identities { return &Identities{known: map[string]azcore.TokenCredential{}} }

// Of returns the credential of a block, the same one for equal blocks.
func (i *Identities) Of(a *Auth) (azcore.TokenCredential, error) {
	same := fmt.Sprintf("%q", []string{
		a.Kind, a.ClientID, a.ResourceID, a.TenantID, a.TokenFile, a.ClientSecret.Reveal(), a.CertificateFile,
		a.CertificatePassword.Reveal(), a.AuthorityHost,
	})
	i.mu.Lock()
	defer i.mu.Unlock()
	if known, ok := i.known[same]; ok {
		return known, nil
	}
	made, err := a.identity()
	if err == nil {
		i.known[same] = made
	}
	return made, err
}

// identity makes the credential. It sends no request.
func (a *Auth) identity() (azcore.TokenCredential, error) {
	var client azcore.ClientOptions
	if a.AuthorityHost != "" {
		client.Cloud.ActiveDirectoryAuthorityHost = a.AuthorityHost
	}
	switch a.Kind {
	case ManagedIdentity:
		return a.managedIdentity()
	case WorkloadIdentity:
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: client, ClientID: a.ClientID, TenantID: a.TenantID, TokenFilePath: a.TokenFile,
		})
	case ClientSecret:
		return azidentity.NewClientSecretCredential(a.TenantID, a.ClientID, a.ClientSecret.Reveal(),
			&azidentity.ClientSecretCredentialOptions{ClientOptions: client})
	case ClientCertificate:
		return a.clientCertificate(client)
	case AzureCLI:
		return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: a.TenantID})
	default:
		return azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: client})
	}
}

// Place is where the block is: "store.hcl:12".
func (a *Auth) Place() string {
	return fmt.Sprintf("%s:%d", a.DefRange.Filename, a.DefRange.Start.Line)
}

// ReadCertificate reads the certificate of a service principal and its key: PEM, or PKCS #12.
func (a *Auth) ReadCertificate() ([]*x509.Certificate, crypto.PrivateKey, error) {
	data, err := os.ReadFile(a.CertificateFile)
	if err != nil {
		return nil, nil, err
	}
	var password []byte
	if p := a.CertificatePassword.Reveal(); p != "" {
		password = []byte(p)
	}
	certs, key, err := azidentity.ParseCertificates(data, password)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", a.CertificateFile, err)
	}
	return certs, key, nil
}

func (a *Auth) clientCertificate(client azcore.ClientOptions) (azcore.TokenCredential, error) {
	certs, key, err := a.ReadCertificate()
	if err != nil {
		return nil, err
	}
	return azidentity.NewClientCertificateCredential(a.TenantID, a.ClientID, certs, key,
		&azidentity.ClientCertificateCredentialOptions{ClientOptions: client, SendCertificateChain: true})
}

func (a *Auth) managedIdentity() (azcore.TokenCredential, error) {
	o := &azidentity.ManagedIdentityCredentialOptions{}
	switch {
	case a.ClientID != "":
		o.ID = azidentity.ClientID(a.ClientID)
	case a.ResourceID != "":
		o.ID = azidentity.ResourceID(a.ResourceID)
	}
	return azidentity.NewManagedIdentityCredential(o)
}

func isHTTPS(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && u.RawQuery == ""
}
