package azauth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/config"
)

// The kinds of credentials.
const (
	SharedKey         = "shared_key"
	SAS               = "sas"
	ConnectionString  = "connection_string"
	ClientSecret      = "client_secret"
	ClientCertificate = "client_certificate"
	AzureCLI          = "azure_cli"
	ManagedIdentity   = "managed_identity"
	WorkloadIdentity  = "workload_identity"
	Default           = "default"
	Anonymous         = "anonymous"
)

// Kinds lists them in a message.
const Kinds = `"managed_identity", "workload_identity", "client_secret", "client_certificate", "azure_cli", "default", "shared_key", "sas", "connection_string" or "anonymous"`

// Auth is the body of a block `auth "KIND" {}`. authKinds says which attributes belong to
// which kind.
type Auth struct {
	Kind string `hcl:"kind,label"`

	Account    string        `hcl:"account,optional"`
	Key        config.Secret `hcl:"key,optional"`
	Token      config.Secret `hcl:"token,optional"`
	Value      config.Secret `hcl:"value,optional"`
	ClientID   string        `hcl:"client_id,optional"`
	ResourceID string        `hcl:"resource_id,optional"`
	TenantID   string        `hcl:"tenant_id,optional"`
	TokenFile  string        `hcl:"token_file,optional"`

	ClientSecret        config.Secret `hcl:"client_secret,optional"`
	CertificateFile     string        `hcl:"certificate_file,optional"`
	CertificatePassword config.Secret `hcl:"certificate_password,optional"`
	AuthorityHost       string        `hcl:"authority_host,optional"`
	Audience            string        `hcl:"audience,optional"`

	KindRange       hcl.Range `hcl:"kind,label_range"`
	AccountRange    hcl.Range `hcl:"account,attr_value_range"`
	KeyRange        hcl.Range `hcl:"key,attr_value_range"`
	TokenRange      hcl.Range `hcl:"token,attr_value_range"`
	ValueRange      hcl.Range `hcl:"value,attr_value_range"`
	ClientIDRange   hcl.Range `hcl:"client_id,attr_value_range"`
	ResourceIDRange hcl.Range `hcl:"resource_id,attr_value_range"`
	TenantIDRange   hcl.Range `hcl:"tenant_id,attr_value_range"`
	TokenFileRange  hcl.Range `hcl:"token_file,attr_value_range"`
	DefRange        hcl.Range `hcl:",def_range"`

	ClientSecretRange        hcl.Range `hcl:"client_secret,attr_value_range"`
	CertificateFileRange     hcl.Range `hcl:"certificate_file,attr_value_range"`
	CertificatePasswordRange hcl.Range `hcl:"certificate_password,attr_value_range"`
	AuthorityHostRange       hcl.Range `hcl:"authority_host,attr_value_range"`
	AudienceRange            hcl.Range `hcl:"audience,attr_value_range"`
}

// authKinds lists the attributes of each kind, those that must be there first.
func authKinds() map[string]struct{ must, may []string } {
	return map[string]struct{ must, may []string }{
		SharedKey:        {must: []string{"key"}, may: []string{"account"}},
		SAS:              {must: []string{"token"}},
		ConnectionString: {must: []string{"value"}},
		ManagedIdentity:  {may: []string{"client_id", "resource_id", "audience"}},
		WorkloadIdentity: {may: []string{"client_id", "tenant_id", "token_file", "authority_host", "audience"}},
		ClientSecret: {
			must: []string{"tenant_id", "client_id", "client_secret"}, may: []string{"authority_host", "audience"},
		},
		ClientCertificate: {
			must: []string{"tenant_id", "client_id", "certificate_file"}, may: []string{"certificate_password", "authority_host", "audience"},
		},
		AzureCLI:  {may: []string{"tenant_id", "audience"}},
		Default:   {may: []string{"authority_host", "audience"}},
		Anonymous: {},
	}
}

// attr is one attribute of an auth block as it was written.
type attr struct {
	name string
	at   hcl.Range // zero when it was not written
}

func (a *Auth) attrs() []attr {
	return []attr{
		{"account", a.AccountRange},
		{"key", a.KeyRange},
		{"token", a.TokenRange},
		{"value", a.ValueRange},
		{"client_id", a.ClientIDRange},
		{"resource_id", a.ResourceIDRange},
		{"tenant_id", a.TenantIDRange},
		{"token_file", a.TokenFileRange},
		{"client_secret", a.ClientSecretRange},
		{"certificate_file", a.CertificateFileRange},
		{"certificate_password", a.CertificatePasswordRange},
		{"authority_host", a.AuthorityHostRange},
		{"audience", a.AudienceRange},
	}
}

func problem(at hcl.Range, summary, detail string, args ...any) *hcl.Diagnostic {
	return config.Problem(at, summary, fmt.Sprintf(detail, args...))
}

// Validate checks that the attributes belong to the kind.
func (a *Auth) Validate() hcl.Diagnostics {
	kind, known := authKinds()[a.Kind]
	if !known {
		return hcl.Diagnostics{problem(a.KindRange, "Unknown kind of credential", "Write one of %s.", Kinds)}
	}
	var diags hcl.Diagnostics
	for _, attr := range a.attrs() {
		written := attr.at != hcl.Range{}
		switch {
		case written && !slices.Contains(kind.must, attr.name) && !slices.Contains(kind.may, attr.name):
			diags = append(diags, problem(attr.at, "Attribute does not belong here", "auth %q has no attribute %s. Remove it, or change the kind.", a.Kind, attr.name))
		case !written && slices.Contains(kind.must, attr.name):
			diags = append(diags, problem(a.DefRange, "Missing attribute", "auth %q needs the attribute %s, for example %s = env(\"…\").", a.Kind, attr.name, attr.name))
		}
	}
	if a.ClientID != "" && a.ResourceID != "" {
		diags = append(diags, problem(a.ResourceIDRange, "Two names for one identity", "Write client_id or resource_id, not both."))
	}
	if a.AuthorityHost != "" && !isHTTPS(a.AuthorityHost) {
		diags = append(diags, problem(a.AuthorityHostRange, "Not a place that gives tokens", `Write a URL such as "https://login.microsoftonline.us/".`))
	}
	if a.Audience != "" && !isHTTPS(a.Audience) {
		diags = append(diags, problem(a.AudienceRange, "Not an audience", `Write a URL such as "https://storage.azure.com".`))
	}
	return diags
}

// NeedsTLS reports whether the credential is a token: without TLS it could be read on the
// network and used.
func (a *Auth) NeedsTLS() bool {
	switch a.Kind {
	case ManagedIdentity, WorkloadIdentity, ClientSecret, ClientCertificate, AzureCLI, Default:
		return true
	}
	return false
}

// SASToken returns the token of the kind SAS without a question mark.
func (a *Auth) SASToken() string { return strings.TrimPrefix(a.Token.Reveal(), "?") }
