package azblob

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// The kinds of credentials.
const (
	authSharedKey        = "shared_key"
	authSAS              = "sas"
	authConnectionString = "connection_string"
	authManagedIdentity  = "managed_identity"
	authWorkloadIdentity = "workload_identity"
	authDefault          = "default"
	authAnonymous        = "anonymous"
)

// needsTLS reports whether the credential is a token that whoever sees it can
// use.
func (a *Auth) needsTLS() bool {
	return a.Kind == authManagedIdentity || a.Kind == authWorkloadIdentity || a.Kind == authDefault
}

// serviceURL is the blob service without a slash at the end, "" when the
// connection string says it.
func (c *Config) serviceURL() string {
	if c.Account != "" {
		return "https://" + c.Account + ".blob.core.windows.net"
	}
	return strings.TrimRight(c.Endpoint, "/")
}

// accountName is the name that signs: the auth block's, or the account's, or
// what the endpoint shows: the first label of its host, or the first element of
// its path as emulators have it.
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

// isConnectionString reports whether the SDK understands text.
func isConnectionString(text, containerName string) bool {
	_, err := container.NewClientFromConnectionString(text, containerName, nil)
	return err == nil
}

// credential fills the place and the credential of o.
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
	case authManagedIdentity:
		o.Token, err = a.managedIdentity()
	case authWorkloadIdentity:
		o.Token, err = azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientID: a.ClientID, TenantID: a.TenantID, TokenFilePath: a.TokenFile,
		})
	case authDefault:
		o.Token, err = azidentity.NewDefaultAzureCredential(nil)
	}
	if err != nil {
		return fmt.Errorf("azblob: auth %q: %w", a.Kind, err)
	}
	return nil
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
