package azblob

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// The kinds of credentials.
const (
	authSharedKey         = "shared_key"
	authSAS               = "sas"
	authConnectionString  = "connection_string"
	authClientSecret      = "client_secret"
	authClientCertificate = "client_certificate"
	authAzureCLI          = "azure_cli"
	authManagedIdentity   = "managed_identity"
	authWorkloadIdentity  = "workload_identity"
	authDefault           = "default"
	authAnonymous         = "anonymous"
)

// needsTLS reports whether the credential is a token: without TLS it could be read on the
// network and used.
func (a *Auth) needsTLS() bool {
	switch a.Kind {
	case authManagedIdentity, authWorkloadIdentity, authClientSecret, authClientCertificate, authAzureCLI, authDefault:
		return true
	}
	return false
}

// serviceURL returns the URL of the blob service without a slash at the end, "" when the
// connection string contains it.
func (c *Config) serviceURL() string {
	if c.Account != "" {
		return "https://" + c.Account + ".blob.core.windows.net"
	}
	return strings.TrimRight(c.Endpoint, "/")
}

// accountName returns the name for signatures: that of the auth block, or of the account, or
// of the endpoint, where it is the first label of the host, or with emulators the first
// element of the path.
func (c *Config) accountName() string {
	if c.Auth[0].Account != "" {
		return c.Auth[0].Account
	}
	if c.Account != "" {
		return c.Account
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil {
		return ""
	}
	if path := strings.Trim(u.Path, "/"); path != "" {
		return path
	}
	if name, _, ok := strings.Cut(u.Hostname(), ".blob."); ok {
		return name
	}
	return ""
}

func (a *Auth) sharedKey(account string) (*azblob.SharedKeyCredential, error) {
	return azblob.NewSharedKeyCredential(account, a.Key.Reveal())
}

func (a *Auth) sasToken() string { return strings.TrimPrefix(a.Token.Reveal(), "?") }

// sasIn returns the SAS in a connection string, or "".
func sasIn(text string) string {
	for setting := range strings.SplitSeq(text, ";") {
		if token, ok := strings.CutPrefix(setting, "SharedAccessSignature="); ok {
			return strings.TrimPrefix(token, "?")
		}
	}
	return ""
}

// isConnectionString reports whether the SDK understands text.
func isConnectionString(text, containerName string) bool {
	_, err := container.NewClientFromConnectionString(text, containerName, nil)
	return err == nil
}

// credential sets the place and the credential of o.
func (c *Config) credential(o *Options) (err error) {
	a := &c.Auth[0]
	o.ContainerURL = c.serviceURL() + "/" + url.PathEscape(c.Container)
	switch a.Kind {
	case authSharedKey:
		o.SharedKey, err = a.sharedKey(c.accountName())
	case authSAS:
		o.ContainerURL += "?" + a.sasToken()
	case authConnectionString:
		o.ConnectionString, o.ContainerURL = a.Value.Reveal(), c.Container
	case authAnonymous:
	default:
		o.Token, err = c.identities.of(a)
	}
	o.Audience = a.Audience
	o.Place = fmt.Sprintf("%s:%d", a.DefRange.Filename, a.DefRange.Start.Line)
	if err != nil {
		return fmt.Errorf("azblob: auth %q: %w", a.Kind, err)
	}
	return nil
}

// identities are the credentials that return tokens, one for each identity: each keeps its
// token, because the endpoints that issue tokens allow few requests.
type identities struct {
	mu    sync.Mutex
	known map[string]azcore.TokenCredential
}

// of returns the credential of a block, the same one for equal blocks.
func (i *identities) of(a *Auth) (azcore.TokenCredential, error) {
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
	case authManagedIdentity:
		return a.managedIdentity()
	case authWorkloadIdentity:
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: client, ClientID: a.ClientID, TenantID: a.TenantID, TokenFilePath: a.TokenFile,
		})
	case authClientSecret:
		return azidentity.NewClientSecretCredential(a.TenantID, a.ClientID, a.ClientSecret.Reveal(),
			&azidentity.ClientSecretCredentialOptions{ClientOptions: client})
	case authClientCertificate:
		return a.clientCertificate(client)
	case authAzureCLI:
		return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: a.TenantID})
	default:
		return azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: client})
	}
}

// clientCertificate reads the certificate and its key: PEM, or PKCS #12.
func (a *Auth) clientCertificate(client azcore.ClientOptions) (azcore.TokenCredential, error) {
	data, err := os.ReadFile(a.CertificateFile)
	if err != nil {
		return nil, err
	}
	var password []byte
	if p := a.CertificatePassword.Reveal(); p != "" {
		password = []byte(p)
	}
	certs, key, err := azidentity.ParseCertificates(data, password)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.CertificateFile, err)
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

// sasNotice is how long before the end of a SAS the log warns of it.
const sasNotice = 14 * 24 * time.Hour

// endOfSAS returns a text when a SAS has expired or expires soon, otherwise "".
func endOfSAS(token string, now time.Time) string {
	q, err := url.ParseQuery(token)
	if err != nil {
		return ""
	}
	until, ok := sasTime(q, "se")
	switch left := until.Sub(now); {
	case !ok || left > sasNotice:
		return ""
	case left <= 0:
		return "It has expired at " + until.Format(time.RFC3339) + "."
	default:
		return fmt.Sprintf("It expires at %s, in %d days.", until.Format(time.RFC3339), int(left/(24*time.Hour)))
	}
}
